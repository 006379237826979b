"use strict";
const TEXTS = {
  en: {
    version: "Version", inputs: "Inputs", context: "Context", run: "Run", result: "Run", call: "Call back", address: "Address", body: "Body (JSON)", log: "Log", none: "none",
    begun: "not begun", state2: "polling", state3: "waiting for a callback", state4: "done", state5: "failed", noJson: "It is no JSON: ",
    form: "Shown as it is written: the form above is made from the inputs. `trunkline plugin serve` draws it as flows do.", noForm: "The version has none: its form is made from the inputs.",
  },
  zh: {
    version: "版本", inputs: "输入", context: "上下文", run: "运行", result: "运行情况", call: "发送回调", address: "回调地址", body: "请求体（JSON）", log: "日志", none: "无",
    begun: "尚未开始", state2: "轮询中", state3: "等待回调", state4: "完成", state5: "失败", noJson: "不是 JSON：",
    form: "以下为源码：上方的表单由输入定义生成。`trunkline plugin serve` 会像流程中一样绘制它。", noForm: "该版本没有 form.js，表单由输入定义生成。",
  },
};
const LANGUAGE = "trunkline.language";
const WAITING = [2, 3];
const EVERY = 2000;
const element = (id) => document.getElementById(id);
let detail = null;
let watched = null;
let shown = 0;
let language = (localStorage.getItem(LANGUAGE) ?? navigator.language).toLowerCase().startsWith("zh") ? "zh" : "en";
const say = (name) => TEXTS[language][name];

function speak() {
  document.documentElement.lang = language;
  element("language").value = language;
  for (const one of document.querySelectorAll("[data-text]")) one.textContent = say(one.dataset.text);
  for (const one of document.querySelectorAll("[data-label]")) one.setAttribute("aria-label", say(one.dataset.label));
  element("state").textContent = say(`state${shown}`) ?? say("begun");
  for (const form of [element("inputs"), element("context")]) if (!form.children.length) form.textContent = say("none");
  if (detail) element("formless").textContent = say(detail.forms.renderform === null ? "noForm" : "form");
}

async function ask(path, body) {
  const options = body === undefined ? {} : { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
  const answer = await fetch(`bk_plugin/${path}`, options);
  const text = await answer.text();
  try {
    return JSON.parse(text);
  } catch {
    return { result: false, message: `HTTP ${answer.status}: ${text.slice(0, 500)}` };
  }
}

function resolved(property, definitions) {
  const ref = property.$ref ?? property.allOf?.[0]?.$ref;
  return ref ? { ...definitions[ref.split("/").pop()], ...property } : property;
}

function field(name, given, schema) {
  const property = resolved(given, schema.definitions);
  const label = document.createElement("label");
  const title = document.createElement("span");
  title.textContent = `${property.title ?? name} (${name})${schema.required.includes(name) ? " *" : ""}`;
  label.append(title);
  if (property.description) {
    const note = document.createElement("small");
    note.textContent = property.description;
    label.append(note);
  }
  label.append(control(name, property));
  return label;
}

function control(name, property) {
  const initial = property.default;
  let made;
  if (property.enum) {
    made = document.createElement("select");
    for (const value of property.enum) made.append(new Option(String(value), JSON.stringify(value)));
    if (initial !== undefined) made.value = JSON.stringify(initial);
  } else if (property.type === "boolean") {
    made = Object.assign(document.createElement("input"), { type: "checkbox", checked: initial === true });
  } else if (property.type === "string") {
    made = Object.assign(document.createElement("input"), { value: initial ?? "" });
  } else {
    made = Object.assign(document.createElement("textarea"), { rows: 1, value: initial === undefined ? "" : JSON.stringify(initial) });
    made.placeholder = "JSON";
  }
  made.name = name;
  made.dataset.kind = property.enum ? "enum" : (property.type ?? "any");
  return made;
}

function build(form, schema) {
  form.replaceChildren(...Object.entries(schema.properties).map(([name, property]) => field(name, property, schema)));
  if (!form.children.length) form.textContent = say("none");
}

function values(form) {
  const found = {};
  for (const made of form.elements) {
    const kind = made.dataset.kind;
    if (kind === "boolean") found[made.name] = made.checked;
    else if (made.value === "") continue;
    else found[made.name] = kind === "string" ? made.value : JSON.parse(made.value);
  }
  return found;
}

function draw(found) {
  detail = found;
  element("desc").textContent = detail.desc;
  element("form").textContent = detail.forms.renderform ?? "";
  build(element("inputs"), detail.inputs);
  build(element("context"), detail.context_inputs);
  speak();
}

async function choose(version) {
  draw((await ask(`detail/${version}`)).data);
}

// A version that its author changes is drawn anew; what is filled in stays where the field is still there.
async function follow() {
  const found = await ask(`detail/${detail.version}`).catch(() => ({ result: false }));
  if (!found.result || JSON.stringify(found.data) === JSON.stringify(detail)) return;
  const forms = [element("inputs"), element("context")];
  const filled = forms.map((form) => [...form.elements]);
  draw(found.data);
  forms.forEach((form, index) => {
    for (const before of filled[index]) {
      const now = [...form.elements].find(({ name, dataset }) => name === before.name && dataset.kind === before.dataset.kind);
      if (now) Object.assign(now, { value: before.value, checked: before.checked });
    }
  });
}

function show(state, outputs, err) {
  shown = state;
  element("state").textContent = say(`state${state}`) ?? say("begun");
  element("state").className = `state ${state === 4 ? "success" : state === 5 ? "fail" : ""}`;
  element("outputs").textContent = outputs ? JSON.stringify(outputs, null, 2) : "";
  element("err").textContent = err ?? "";
  element("calling").hidden = state !== 3;
  const address = outputs && Object.values(outputs).find((value) => typeof value === "string" && value.includes("/callback/"));
  if (address) element("callback").value = address;
}

async function lines(run) {
  element("log").textContent = (await ask(`logs/${run}`)).data?.log ?? "";
}

async function watch(run) {
  const answer = await ask(`schedule/${run}`);
  if (watched !== run || !answer.result) return;
  show(answer.data.state, answer.data.outputs, answer.data.err);
  await lines(run);
  if (WAITING.includes(answer.data.state)) setTimeout(watch, 1000, run);
}

async function invoke() {
  let body;
  try {
    body = { inputs: values(element("inputs")), context: values(element("context")) };
  } catch (error) {
    show(5, null, say("noJson") + error.message);
    return;
  }
  const answer = await ask(`invoke/${detail.version}`, body);
  watched = answer.trace_id;
  element("run").textContent = watched ?? "";
  if (!answer.result) {
    show(5, null, answer.message ?? answer.detail);
    return;
  }
  show(answer.data.state, answer.data.outputs, answer.data.err);
  await lines(watched);
  if (WAITING.includes(answer.data.state)) setTimeout(watch, 1000, watched);
}

async function callBack() {
  const token = element("callback").value.replace(/\/+$/, "").split("/").pop();
  try {
    const answer = await ask(`callback/${token}/`, JSON.parse(element("body").value));
    element("called").textContent = answer.message;
  } catch (error) {
    element("called").textContent = say("noJson") + error.message;
  }
}

async function begin() {
  speak();
  element("language").addEventListener("change", (event) => {
    language = event.target.value;
    localStorage.setItem(LANGUAGE, language);
    speak();
  });
  const meta = (await ask("meta/")).data;
  element("code").textContent = meta.code;
  element("version").replaceChildren(...meta.versions.map((version) => new Option(version)));
  element("version").addEventListener("change", (event) => choose(event.target.value));
  element("invoke").addEventListener("click", invoke);
  element("call").addEventListener("click", callBack);
  if (!meta.versions.length) return;
  await choose(meta.versions[0]);
  setInterval(follow, EVERY);
}

begin();
