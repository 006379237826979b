// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope, nextTick, ref } from 'vue'
import { useTaskEvents } from './useTaskEvents'

class Stream extends EventTarget {
  static readonly CLOSED = 2
  static opened: Stream[] = []
  readyState = 0
  constructor(readonly url: string) {
    super()
    Stream.opened.push(this)
  }
  close(): void {
    this.readyState = 2
  }
  say(type: string, data: string): void {
    this.dispatchEvent(new MessageEvent(type, { data }))
  }
  happens(type: string, readyState: number): void {
    this.readyState = readyState
    this.dispatchEvent(new Event(type))
  }
}

const handlers = { task: vi.fn(), node: vi.fn(), reconnected: vi.fn() }
let scope = effectScope()

function last(): Stream {
  const stream = Stream.opened.at(-1)
  if (stream === undefined) throw new Error('no stream was opened')
  return stream
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('EventSource', Stream)
  Stream.opened = []
  vi.clearAllMocks()
  scope = effectScope()
})
afterEach(() => {
  scope.stop()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('useTaskEvents', () => {
  it('hands on task and node events and passes over what is not JSON', () => {
    scope.run(() => useTaskEvents('t1', true, handlers))
    expect(last().url).toBe('/v1/tasks/t1/events')
    last().say('node', '{"node_id":"find","state":"RUNNING"}')
    last().say('task', '{"state":"FAILED"}')
    last().say('task', 'not json')
    expect(handlers.node).toHaveBeenCalledWith({ node_id: 'find', state: 'RUNNING' })
    expect(handlers.task).toHaveBeenCalledExactlyOnceWith({ state: 'FAILED' })
  })

  it('leaves reconnecting to the browser while it tries, and says when the line is back', () => {
    const { connected } = scope.run(() => useTaskEvents('t1', true, handlers)) ?? { connected: ref(false) }
    last().happens('open', 1)
    expect(connected.value).toBe(true)
    expect(handlers.reconnected).not.toHaveBeenCalled()
    last().happens('error', 0)
    expect(connected.value).toBe(false)
    vi.advanceTimersByTime(60_000)
    expect(Stream.opened).toHaveLength(1)
    last().happens('open', 1)
    expect(handlers.reconnected).toHaveBeenCalledOnce()
  })

  it('opens a new stream after growing pauses when the browser gave up', () => {
    scope.run(() => useTaskEvents('t1', true, handlers))
    last().happens('error', 2)
    vi.advanceTimersByTime(499)
    expect(Stream.opened).toHaveLength(1)
    vi.advanceTimersByTime(1)
    expect(Stream.opened).toHaveLength(2)
    last().happens('error', 2)
    vi.advanceTimersByTime(999)
    expect(Stream.opened).toHaveLength(2)
    vi.advanceTimersByTime(1)
    expect(Stream.opened).toHaveLength(3)
  })

  it('follows while active only, and ends with its component', async () => {
    const active = ref(false)
    scope.run(() => useTaskEvents('t1', active, handlers))
    expect(Stream.opened).toHaveLength(0)
    active.value = true
    await nextTick()
    expect(Stream.opened).toHaveLength(1)
    active.value = false
    await nextTick()
    expect(last().readyState).toBe(2)
    active.value = true
    await nextTick()
    scope.stop()
    expect(last().readyState).toBe(2)
  })
})
