import { readdirSync, readFileSync } from 'node:fs'
import variant from '@jitl/quickjs-wasmfile-release-sync'
import { newQuickJSWASMModuleFromVariant } from 'quickjs-emscripten-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { FormEngine } from './engine'
import type { FormProgram, Outcome } from './types'

const FOLDER = `${import.meta.dirname}/../../../../marketplace/legacy_forms/sandbox/runtime`
const parts = readdirSync(FOLDER).sort().map((name) => readFileSync(`${FOLDER}/${name}`, 'utf8'))
const runtime = `(function (world) {\n'use strict';\n${parts.join('\n')}\n})(globalThis);\n`
let quickjs: Awaited<ReturnType<typeof newQuickJSWASMModuleFromVariant>>
beforeAll(async () => { quickjs = await newQuickJSWASMModuleFromVariant(variant) })

const SOURCE = `$.atoms.form = [
  {tag_code: "owner", type: "input", attrs: {name: "Owner"}, methods: {_tag_init: function () {
    var found = typeof __ask;
    $.ajax({url: "/forms/x", async: false, success: function (resp) { found += " " + resp.data; }, error: function (xhr, kind, text) { found += " " + text; }});
    this._set_value(found);
  }}},
  {tag_code: "place", type: "cascader", attrs: {lazy: true, lazyLoad: function (node, resolve) {
    if (node.value === "bad") { throw new Error("no"); }
    resolve([{value: node.level, label: "level " + node.level}]);
  }}},
  {tag_code: "rows", type: "datatable", attrs: {value: [{n: "a"}, {n: "b"}], columns: [{tag_code: "n", type: "input", attrs: {}}],
    row_click_handler: function (row) { show_msg(row.n, "info"); }}},
  {tag_code: "log", type: "log_display", attrs: {value: "line"}},
  {tag_code: "hosts", type: "ip_selector", attrs: {remote_url: function () { return {cc_search_host: "/forms/h/"}; }}}
];`
const program = (more: Partial<FormProgram> = {}): FormProgram => ({ source: SOURCE, code: 'form', runtime, context: {}, ...more })
const state = (outcome: Outcome, name: string): Outcome['changes'][number]['state'] | undefined => outcome.changes.find(({ path }) => path.join('.') === name)?.state

describe('FormEngine', () => {
  it('knows what is filled in around the form by now', () => {
    const source = `$.atoms.form = [{tag_code: "host", type: "input", attrs: {}}, {tag_code: "near", type: "input", attrs: {},
      events: [{source: "host", type: "change", action: function () { this._set_value($.context.getInput("zone")); }}]}];`
    const engine = new FormEngine(quickjs)
    engine.open(program({ source, context: { inputs: { zone: 'east' } } }), {})
    expect(engine.call('change', ['host'], 'a').values.near).toBe('east')
    engine.call('know', { inputs: { zone: 'west' } })
    expect(engine.call('change', ['host'], 'b').values.near).toBe('west')
  })

  it('answers what a script waits for, and lends it no way to ask by itself', () => {
    const asked: string[] = []
    const engine = new FormEngine(quickjs, (text) => { asked.push(text); return '{"ok": true, "status": 200, "body": {"data": "amy"}}' })
    expect(engine.open(program(), {}).values.owner).toBe('undefined amy')
    expect(asked).toEqual(['{"url":"/forms/x","method":"GET","data":null}'])
  })

  it('tells what could not be asked', () => {
    const outcome = new FormEngine(quickjs).open(program(), {})
    expect(outcome.values.owner).toBe('undefined not sent')
    expect(outcome.effects.map(({ type }) => type)).toContain('unsent')
  })

  it('reads nodes of a cascader when they are wanted, and none of those that fail', () => {
    const engine = new FormEngine(quickjs)
    engine.open(program(), {})
    expect(engine.call('children', ['place'], { level: 2, value: 'x' }, 7).effects).toEqual([{ type: 'children', id: 7, items: [{ value: 2, label: 'level 2' }] }])
    expect(engine.call('children', ['place'], { level: 1, value: 'bad' }, 8).effects).toEqual([{ type: 'problem', text: 'no' }, { type: 'children', id: 8, items: [] }])
  })

  it('tells of clicks on lines, of logs, and where widgets find hosts', () => {
    const engine = new FormEngine(quickjs)
    const opened = engine.open(program(), {})
    expect(state(opened, 'rows')?.clickable).toBe(true)
    expect(state(opened, 'log')?.value).toBe('line')
    expect(state(opened, 'hosts')?.addresses).toEqual({ cc_search_host: '/forms/h/' })
    expect(engine.call('row', ['rows'], 1).effects).toEqual([{ type: 'message', text: 'b', kind: 'info' }])
  })

  it('draws one field alone, and binds one to a variable without a change', () => {
    const engine = new FormEngine(quickjs)
    expect(Object.keys(engine.open(program({ only: 'place' }), {}).values)).toEqual(['place'])
    const bound = engine.call('hook', ['place'], true, '${inputs.place}')
    expect([bound.values.place, state(bound, 'place')?.hook]).toEqual(['${inputs.place}', true])
  })

  it('asks the form before files that waited are sent, and takes only `false` for a no', () => {
    const goes = (attributes: string): unknown => {
      const engine = new FormEngine(quickjs)
      engine.open(program({ source: `$.atoms.form = [{tag_code: "files", type: "upload", attrs: {${attributes}}}];` }), {})
      return engine.call('submit', ['files'], 1).effects.find(({ type }) => type === 'picked')
    }
    expect(['', 'submit: function () {}', 'submit: "Upload"'].map(goes)).toEqual(Array(3).fill({ type: 'picked', id: 1, goes: true }))
    expect(goes('submit: function () { return false; }')).toEqual({ type: 'picked', id: 1, goes: false })
  })

  it('asks the form before a file goes, and keeps what it makes of the answer', () => {
    const engine = new FormEngine(quickjs)
    const source = `$.atoms.form = [{tag_code: "files", type: "upload", attrs: {url: "/up", limit: 2, headers: {Tries: 2}, beforeUpload: function (file) { return file.size < 10; },
      onSuccess: function (response, file) { file.tag = response.tag; }, onRemove: function (file, left) { show_msg(file.name + left.length, "info"); }}}];`
    engine.open(program({ source }), {})
    const file = { name: 'a', size: 5, type: 'text/plain' }
    expect(engine.call('pick', ['files'], file, 3).effects).toEqual([{ type: 'picked', id: 3, goes: true, url: '/up', data: {}, headers: { Tries: '2' } }])
    expect(engine.call('pick', ['files'], { ...file, size: 10 }, 4).effects).toEqual([{ type: 'picked', id: 4, goes: false, reason: 'refused' }])
    const kept = { name: 'a', size: 5, type: 'text/plain', status: 'success', response: { tag: 7 }, tag: 7 }
    expect(engine.call('uploaded', ['files'], file, { ok: true, status: 200, body: { tag: 7 } }).values.files).toEqual([kept])
    expect(engine.call('uploaded', ['files'], file, { ok: false, status: 0, message: 'no' }).values.files).toEqual([kept])
    engine.call('uploaded', ['files'], file, { ok: true, status: 200, body: { tag: 7 } })
    expect(engine.call('pick', ['files'], file, 5).effects).toEqual([{ type: 'picked', id: 5, goes: false, reason: 'limit' }])
    const left = engine.call('unpick', ['files'], 0)
    expect([left.values.files, left.effects]).toEqual([[kept], [{ type: 'message', text: 'a1', kind: 'info' }]])
  })

  it('lets a form that sends files by itself say so at once, and carries none for it', () => {
    const engine = new FormEngine(quickjs)
    const own = (call: string): string => `$.atoms.form = [{tag_code: "files", type: "upload", attrs: {httpRequest: function (option) { ${call} }}}];`
    engine.open(program({ source: own('option.onSuccess({path: "x"});') }), {})
    const done = engine.call('pick', ['files'], { name: 'a', size: 5, type: '' }, 1)
    expect(done.effects).toEqual([{ type: 'picked', id: 1, goes: false, reason: '' }])
    expect(done.values.files).toMatchObject([{ name: 'a', response: { path: 'x' } }])
    const other = new FormEngine(quickjs)
    other.open(program({ source: own('') }), {})
    expect(other.call('pick', ['files'], { name: 'a', size: 5, type: '' }, 1).effects).toMatchObject([{ reason: 'own_request' }])
  })

  it('draws on a document of its own, and hears what is done to it', () => {
    const engine = new FormEngine(quickjs)
    const source = `$.atoms.form = [{tag_code: "name", type: "input", attrs: {name: "Name"}, methods: {_tag_init: function () {
      var self = this;
      $(this.$el).append('<p class="a">Hint <b>one</b></p><button>Go</button>');
      $("button").click(function () { self._set_value("went"); $(".a").remove(); $(self.$el).find("input").prop("disabled", true); });
    }}}];`
    const opened = engine.open(program({ source }), {})
    const html = opened.effects.flatMap((effect) => (effect.type === 'drawn' ? [effect.html] : [])).join('')
    expect(html.replaceAll(/ data-node="\d+"/g, '')).toBe('<p class="a">Hint <b>one</b></p><button>Go</button>')
    const button = Number(/<button data-node="(\d+)"/.exec(html)?.[1])
    const outcome = engine.call('happen', button, 'click', '', false)
    expect(outcome.values.name).toBe('went')
    expect(state(outcome, 'name')?.disabled).toBe(true)
    expect(outcome.effects).toMatchObject([{ type: 'drawn', html: expect.stringMatching(/^<button[^>]*>Go<.button>$/) as unknown }])
  })
})
