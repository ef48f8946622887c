"use strict";
// A small chat client: what people do goes out by REST, what happens comes in by the realtime link.
// Texts of others only ever become text nodes.

const EMOJI = {
  white_check_mark: "✅", heavy_check_mark: "✔️", x: "❌", raised_hand: "✋", hand: "✋", "+1": "👍",
  thumbsup: "👍", "-1": "👎", thumbsdown: "👎", hourglass_flowing_sand: "⏳", warning: "⚠️",
  no_entry: "⛔", information_source: "ℹ️", arrows_counterclockwise: "🔄", rocket: "🚀", lock: "🔒",
  octagonal_sign: "🛑", checkered_flag: "🏁", rotating_light: "🚨", eyes: "👀",
};
const VOTES = [":white_check_mark:", ":x:", ":raised_hand:"];
const TRY = ["!upgrade 7.13.2", "!status", "!help", "!scale ddpStreamer 2", "!ops", "!whoami"];
const PLAIN = /(`[^`\n]+`|\*\*[^*\n]+\*\*|(?<![\w*])\*[^*\n]+\*(?!\w)|(?<!\w)_[^_\n]+_(?!\w)|~[^~\n]+~|\[[^\]\n]+\]\([^)\s]+\)|https?:\/\/[^\s<>]+|:[a-z0-9_+-]+:)/;

const state = { people: [], me: null, room: "", seen: new Map(), cursor: 0, thread: null, said: [], at: 0, socket: null, wait: 500, stuck: true };
const $ = (id) => document.getElementById(id);

function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

async function call(method, path, body) {
  const answer = await fetch(`/api/v1/${path}`, {
    method,
    headers: { "X-User-Id": state.me.id, "X-Auth-Token": state.me.token, "Content-Type": "application/json" },
    body: body ? JSON.stringify(body) : undefined,
  });
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer.json();
}

function inline(text) {
  return text.split(PLAIN).filter(Boolean).map((part) => {
    const emoji = /^:([a-z0-9_+-]+):$/.exec(part);
    if (emoji) return EMOJI[emoji[1]] ? element("span", "emoji", EMOJI[emoji[1]]) : part;
    if (/^`.+`$/.test(part)) return element("code", "", part.slice(1, -1));
    if (/^\*\*.+\*\*$/.test(part)) return element("strong", "", ...inline(part.slice(2, -2)));
    if (/^\*.+\*$/.test(part)) return element("strong", "", ...inline(part.slice(1, -1)));
    if (/^_.+_$/.test(part)) return element("em", "", ...inline(part.slice(1, -1)));
    if (/^~.+~$/.test(part)) return element("s", "", ...inline(part.slice(1, -1)));
    const link = /^\[([^\]]+)\]\((https?:\/\/[^)\s]+)\)$/.exec(part) || /^(https?:\/\/\S+)$/.exec(part);
    if (link) return anchor(link[1], link[2] || link[1]);
    return part.replace(/\\([*_~`[\]|])/g, "$1");
  });
}

function anchor(text, address) {
  const made = element("a", "", text);
  made.href = address;
  made.rel = "noreferrer noopener";
  made.target = "_blank";
  return made;
}

function rendered(text) {
  const lines = text.split("\n"), made = [];
  for (let i = 0; i < lines.length; i += 1) {
    if (/^```/.test(lines[i])) {
      const block = [];
      for (i += 1; i < lines.length && !/^```/.test(lines[i]); i += 1) block.push(lines[i]);
      made.push(element("pre", "", ...block.map(diffLine)));
    } else if (lines[i].startsWith("> ")) {
      made.push(element("blockquote", "", ...inline(lines[i].slice(2))));
    } else {
      made.push(element("div", "line", ...inline(lines[i].replace(/^- /, "• "))));
    }
  }
  return made;
}

function diffLine(line) {
  const kind = /^\+(?!\+\+ )/.test(line) ? "plus" : /^-(?!-- )/.test(line) ? "minus" : "";
  return element("span", kind, `${line}\n`);
}

function draw(message) {
  const known = document.getElementById(`m-${message._id}`);
  const body = element("div", "body", head(message), ...rendered(message.msg), ...files(message), under(message));
  const row = element("article", `message${message.tmid ? " reply" : ""}`, avatar(message.u), body);
  row.id = `m-${message._id}`;
  if (known) {
    if (known.dataset.text !== message.msg) body.classList.add("changed");
    setTimeout(() => body.classList.remove("changed"), 60);
    known.replaceWith(row);
  }
  row.dataset.text = message.msg;
  row.dataset.at = String(time(message.ts));
  row.dataset.thread = message.tmid || message._id;
  if (!known) place(row);
  if (state.stuck) $("log").scrollTop = $("log").scrollHeight;
}

function files(message) {
  const shown = (message.attachments || []).filter((file) => /^\/file-upload\//.test(file.title_link));
  return shown.map((file) => {
    const row = element("div", "file");
    fetch(file.title_link, { headers: { "X-User-Id": state.me.id, "X-Auth-Token": state.me.token } })
      .then((answer) => answer.blob())
      .then((blob) => row.append(attached(file.title, URL.createObjectURL(blob), blob.type)));
    return row;
  });
}

function attached(title, address, type) {
  const link = anchor(title, address);
  link.download = title;
  if (!type.startsWith("image/")) return link;
  const picture = element("img", "picture");
  picture.src = address;
  picture.alt = title;
  return picture;
}

function place(row) {
  // Replies stand below their root, whatever came first; both in the order of time.
  $("log").append(row);
  const rows = [...$("log").children];
  const begun = new Map();
  for (const other of rows) {
    const known = begun.get(other.dataset.thread);
    if (!known || other.dataset.at < known) begun.set(other.dataset.thread, other.dataset.at);
  }
  const key = (other) => [begun.get(other.dataset.thread), other.dataset.at];
  const next = rows.find((other) => other !== row && later(key(other), key(row)));
  if (next) next.before(row);
}

function later(one, other) {
  return one[0] === other[0] ? one[1] > other[1] : one[0] > other[0];
}

function avatar(user) {
  const made = element("div", "avatar", (user.name || user.username).slice(0, 1).toUpperCase());
  made.setAttribute("aria-hidden", "true");
  let hue = 0;
  for (const letter of user.username) hue = (hue * 31 + letter.charCodeAt(0)) % 360;
  made.style.setProperty("--hue", `hsl(${hue} 45% 42%)`);
  return made;
}

function head(message) {
  const at = new Date(time(message.ts));
  const shown = at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "short" });
  const edited = message.editedAt ? [" (edited)"] : [];
  return element("div", "who", element("b", "", message.u.name || message.u.username), shown, ...edited);
}

function under(message) {
  const chips = Object.entries(message.reactions || {}).map(([emoji, chosen]) => chip(message, emoji, chosen.usernames));
  const tools = element("div", "tools", ...VOTES.map((emoji) => tool(message, emoji)), replyTool(message));
  return element("div", "under", ...chips, tools);
}

function sign(emoji) {
  return EMOJI[emoji.replaceAll(":", "")] || emoji;
}

function chip(message, emoji, names) {
  const mine = names.includes(state.me.username);
  const made = element("button", `chip${mine ? " mine" : ""}`, `${sign(emoji)} ${names.length}`);
  made.title = names.join(", ");
  made.dataset.emoji = emoji;
  made.addEventListener("click", () => react(message, emoji, !mine));
  return made;
}

function tool(message, emoji) {
  const made = element("button", "", sign(emoji));
  made.setAttribute("aria-label", `React with ${emoji.replaceAll(":", "").replaceAll("_", " ")}`);
  made.addEventListener("click", () => react(message, emoji, true));
  return made;
}

function replyTool(message) {
  const made = element("button", "", "reply");
  made.addEventListener("click", () => {
    state.thread = message.tmid || message._id;
    $("replying").hidden = false;
    $("replying").replaceChildren(`Replying in a thread of ${message.u.username} `, stopReply());
    $("text").focus();
  });
  return made;
}

function stopReply() {
  const made = element("button", "", "stop");
  made.addEventListener("click", endReply);
  return made;
}

function endReply() {
  state.thread = null;
  $("replying").hidden = true;
}

function react(message, emoji, on) {
  call("POST", "chat.react", { messageId: message._id, emoji, shouldReact: on }).catch(trouble);
}

function trouble(error) {
  banner(`That did not arrive (${error.message}); try again.`);
}

function banner(text) {
  $("banner").hidden = !text;
  $("banner").textContent = text || "";
}

function time(date) {
  return typeof date === "string" ? Date.parse(date) : date.$date;
}

function take(message) {
  if (message.rid !== state.room || message.t) return;
  const updated = time(message._updatedAt || message.ts);
  state.cursor = Math.max(state.cursor, updated);
  if ((state.seen.get(message._id) || 0) > updated) return;
  state.seen.set(message._id, updated);
  draw(message);
}

async function catchUp() {
  const since = new Date(Math.max(0, state.cursor - 30000)).toISOString();
  const answer = await call("GET", `chat.syncMessages?roomId=${state.room}&lastUpdate=${encodeURIComponent(since)}`);
  const messages = answer.result.updated.sort((a, b) => time(a.ts) - time(b.ts));
  messages.forEach(take);
}

function connect() {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const socket = new WebSocket(`${scheme}://${location.host}/websocket`);
  state.socket = socket;
  const send = (frame) => socket.send(JSON.stringify(frame));
  socket.onopen = () => send({ msg: "connect", version: "1", support: ["1"] });
  socket.onmessage = (event) => hear(JSON.parse(event.data), send);
  socket.onclose = () => {
    if (state.socket !== socket) return;
    banner("Rocket.Chat is restarting — reconnecting…");
    setTimeout(connect, state.wait);
    state.wait = Math.min(state.wait * 1.5, 5000);
  };
}

function hear(frame, send) {
  if (frame.msg === "ping") send({ msg: "pong" });
  if (frame.msg === "connected") send({ msg: "method", method: "login", id: "1", params: [{ resume: state.me.token }] });
  if (frame.msg === "result" && frame.id === "1") {
    send({ msg: "sub", id: "s1", name: "stream-room-messages", params: [state.room, false] });
  }
  if (frame.msg === "ready") {
    state.wait = 500;
    banner("");
    catchUp().catch(trouble);
  }
  if (frame.msg === "changed" && frame.collection === "stream-room-messages") frame.fields.args.slice(0, 1).forEach(take);
}

function become(person) {
  state.me = person;
  for (const button of $("people").children) button.setAttribute("aria-checked", String(button.dataset.id === person.id));
  for (const row of $("log").children) row.remove();
  state.seen.clear();
  state.cursor = 0;
  const old = state.socket;
  connect();
  if (old) old.close();
}

function say(text) {
  if (!text.trim()) return;
  state.said.push(text);
  state.at = state.said.length;
  const message = { rid: state.room, msg: text };
  if (state.thread) message.tmid = state.thread;
  state.stuck = true;
  call("POST", "chat.sendMessage", { message }).then(() => { $("text").value = ""; endReply(); }).catch(trouble);
}

function recall(event) {
  if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
  state.at = Math.max(0, Math.min(state.said.length, state.at + (event.key === "ArrowUp" ? -1 : 1)));
  $("text").value = state.said[state.at] || "";
  event.preventDefault();
}

async function start() {
  const lab = await (await fetch("/demo/people")).json();
  state.people = lab.people;
  state.room = lab.room;
  for (const person of lab.people) {
    const button = element("button", "", person.name);
    button.dataset.id = person.id;
    button.title = person.about;
    button.setAttribute("role", "radio");
    button.addEventListener("click", () => become(person));
    $("people").append(button);
  }
  for (const line of TRY) {
    const button = element("button", "", line);
    button.addEventListener("click", () => say(line));
    $("suggestions").append(button);
  }
  $("composer").addEventListener("submit", (event) => { event.preventDefault(); say($("text").value); });
  $("text").addEventListener("keydown", recall);
  $("log").addEventListener("scroll", () => {
    const log = $("log");
    state.stuck = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  });
  become(lab.people[0]);
}

start();
