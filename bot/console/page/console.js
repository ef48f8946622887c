"use strict";
// Everything that comes from the server becomes text, never markup: `textContent` and `append` only.

const $ = (id) => document.getElementById(id);
const state = { csrf: "", events: null };

function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

function button(text, act) {
  const made = element("button", "", text);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

async function call(method, path, body) {
  const answer = await fetch(path, {
    method,
    credentials: "same-origin",
    redirect: "error",
    headers: { "Content-Type": "application/json", "X-CSRF-Token": state.csrf },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const said = await answer.json();
  if (answer.status === 401 && path !== "/api/login") leave();
  if (!answer.ok) throw new Error(said.error || `Houston answered ${answer.status}`);
  return said;
}

function banner(text) {
  $("banner").textContent = text;
  $("banner").hidden = !text;
}

function leave() {
  if (state.events) state.events.close();
  state.events = null;
  state.csrf = "";
  for (const id of ["answers", "approvals", "operations", "health", "history"]) $(id).replaceChildren();
  $("who").textContent = "";
  $("desk").hidden = $("leave").hidden = true;
  $("entrance").hidden = false;
  banner("");
}

function enter(who) {
  state.csrf = who.csrf;
  $("who").textContent = who.name;
  $("entrance").hidden = true;
  $("desk").hidden = $("leave").hidden = false;
  $("token").value = "";
  watch();
}

function watch() {
  state.events = new EventSource("/api/events");
  state.events.addEventListener("seen", (event) => {
    banner("");
    draw(JSON.parse(event.data));
  });
  state.events.addEventListener("over", leave);
  state.events.addEventListener("error", () => {
    banner("Not connected to Houston; trying again.");
    if (state.events && state.events.readyState === EventSource.CLOSED) resume();
  });
}

function draw(seen) {
  $("answers").replaceChildren(...seen.answers.reverse().map(answer));
  $("approvals").replaceChildren(...some(seen.approvals.map(approval), "Nothing waits for a vote."));
  $("operations").replaceChildren(...some(seen.operations.map(operation), "There were none yet."));
  $("health").replaceChildren(...seen.health.map(part));
}

function some(made, otherwise) {
  return made.length ? made : [element("div", "soft", otherwise)];
}

function card(shown, ...more) {
  const lines = shown.next.map((line) => button(line, () => take(line)));
  const body = shown.body ? [element("pre", "", shown.body)] : [];
  const row = lines.length ? [element("div", "row", ...lines)] : [];
  return element("div", "card", element("b", "", shown.title), ...body, ...more, ...row);
}

function take(line) {
  // What a card offers is put into the line, not run: a person reads it first.
  $("line").value = line;
  $("line").focus();
  $("line").scrollIntoView({ block: "center" });
}

function answer(said) {
  const cards = said.cards.map((shown) => card(shown, ...shown.files.map(file)));
  const none = cards.length ? [] : [element("div", "soft", "…")];
  return element("div", "", element("div", "soft", said.line), ...cards, ...none);
}

function file([post, name]) {
  const address = `/api/files/${encodeURIComponent(post)}/${encodeURIComponent(name)}`;
  if (!name.endsWith(".png")) {
    const link = element("a", "", name);
    link.href = address;
    link.download = name;
    return element("div", "", link);
  }
  const picture = element("img", "picture");
  picture.src = address;
  picture.alt = name;
  return picture;
}

function approval(one) {
  const votes = ["approve", "deny", "hold"].map((word) => button(word, () => say(`!${word} ${one.code}`)));
  const terms = `${one.tier} · ${one.tally} · until ${one.until}, then the answer is no`;
  const shown = { ...one.plan, next: [] };
  return card(shown, element("div", "soft", terms), element("div", "row", ...votes));
}

function operation(one) {
  const line = element("div", "soft", `${one.code} · ${one.state} · ${one.by}, ${one.where} · ${one.at}`);
  if (one.card) return card(one.card, line);
  return element("div", "card", element("b", "", one.title), line);
}

function part([name, good, text]) {
  return element("div", good ? "" : "bad", `${good ? "✔" : "✘"} ${name}: ${text}`);
}

function entry(one) {
  const head = `${one.number} · ${one.at} · ${one.who}`;
  const rest = [one.about, one.detail].filter(Boolean).join(" · ");
  return element("div", "card", element("b", "", one.event), element("div", "soft", head), element("div", "", rest));
}

function say(line) {
  return call("POST", "/api/say", { line }).then(() => banner(""), (error) => banner(error.message));
}

function resume() {
  call("GET", "/api/me").then(enter, () => {
    if (!state.csrf) leave();
    else setTimeout(resume, 3000);
  });
}

$("login").addEventListener("submit", (event) => {
  event.preventDefault();
  $("refusal").textContent = "";
  call("POST", "/api/login", { name: $("name").value, token: $("token").value })
    .then(enter, (error) => { $("refusal").textContent = error.message; });
});
$("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  const line = $("line").value.trim();
  if (!line) return;
  $("line").value = "";
  say(line);
});
$("leave").addEventListener("click", () => call("POST", "/api/logout", {}).then(leave, leave));
$("look").addEventListener("click", () => {
  call("GET", "/api/history").then(
    (found) => $("history").replaceChildren(...found.entries.map(entry)),
    (error) => banner(error.message),
  );
});
resume();
