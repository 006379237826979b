// @vitest-environment jsdom
import { expect, it } from 'vitest'
import { drawnMarkup, frameDocument, saidByFrame } from './formFrame'

const frame = {} as Window
const message = (data: unknown, more: Partial<MessageEvent> = {}): MessageEvent => ({ source: frame, origin: 'null', data, ...more }) as MessageEvent

it('runs one file of ours, and loads and sends nothing', () => {
  const source = frameDocument('s3cret', 'https://console')
  expect(source).toContain("default-src 'none'; script-src https://console/form-frame.js; style-src 'unsafe-inline'; img-src data:; form-action 'none'")
  expect(source.match(/<script/g)).toHaveLength(1)
})

it('keeps of markup what neither runs nor leads elsewhere', () => {
  const hostile = '<p data-node="3" onclick="x()">a</p><script>x()</scr' + 'ipt><a href="https://e">b</a><meta http-equiv="refresh" content="0"><iframe src="x"></iframe><form action="/x"><input data-node="4"></form><img src="x" onerror="x()"><p style="background: url(https://e)">c</p><p style="color: red">d</p>'
  expect(drawnMarkup(hostile)).toBe('<p data-node="3">a</p><a>b</a><input data-node="4"><img><p>c</p><p style="color: red">d</p>')
})

it('hears the frame it made alone, and what has a shape', () => {
  const event = { secret: 's', kind: 'event', node: 3, type: 'click', value: 'v', checked: false }
  expect(saidByFrame(message(event), frame, 's')).toEqual({ kind: 'event', node: 3, type: 'click', value: 'v', checked: false })
  expect(saidByFrame(message({ secret: 's', kind: 'ready' }), frame, 's')).toEqual({ kind: 'ready' })
  for (const [other, more] of [
    [{ ...event, secret: 'guessed' }, {}], [event, { origin: 'https://console' }], [event, { source: {} as Window }],
    [{ ...event, node: '3' }, {}], [{ ...event, type: 'load' }, {}], [{ secret: 's', kind: 'height', height: '1' }, {}], [null, {}],
  ] as const) expect(saidByFrame(message(other, more), frame, 's')).toBeNull()
  expect(saidByFrame(message(event), null, 's')).toBeNull()
})
