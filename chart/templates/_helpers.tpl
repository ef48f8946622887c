{{- define "houston.name" -}}
{{- .Release.Name | trunc 53 | trimSuffix "-" -}}
{{- end -}}

{{- define "houston.labels" -}}
app.kubernetes.io/name: houston
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "houston.selector" -}}
app.kubernetes.io/name: houston
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "houston.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{- define "houston.config" -}}
{{- $config := deepCopy .Values.config -}}
{{- $_ := set $config "health" (merge (default dict $config.health) (dict "host" "0.0.0.0" "port" 8080)) -}}
{{- if eq .Values.store.kind "embedded" -}}
{{- $_ := set $config "store" (merge (default dict $config.store) (dict "url" "sqlite:////data/houston.sqlite")) -}}
{{- end -}}
{{- if .Values.kubeconfigSecret -}}
{{- $_ := set $config "kubernetes" (merge (default dict $config.kubernetes) (dict "kubeconfig" "/run/kubeconfig/kubeconfig")) -}}
{{- end -}}
{{- with .Values.azureIdentity -}}
{{- if and (ne .by "none") $config.azure -}}
{{- $found := dict "identity" "workload_identity" "client_id" .clientId "tenant_id" .tenantId -}}
{{- if eq .by "token" -}}{{- $_ := set $found "token_file" "/run/azure/token" -}}{{- end -}}
{{- $_ := set $config "azure" (merge $config.azure $found) -}}
{{- end -}}
{{- end -}}
{{- if .Values.console.url -}}
{{- $_ := set $config "console" (merge (default dict $config.console) (dict "host" "0.0.0.0" "port" .Values.console.port "url" .Values.console.url "proxies" 1)) -}}
{{- end -}}
{{- toYaml $config -}}
{{- end -}}
