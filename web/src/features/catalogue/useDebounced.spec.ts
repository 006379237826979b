import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { effectScope, nextTick, ref } from 'vue'
import { useDebounced } from './useDebounced'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

it('takes the last value once it has been still', async () => {
  const source = ref('')
  const scope = effectScope()
  const settled = scope.run(() => useDebounced(source, 250))
  source.value = 'h'
  await nextTick()
  vi.advanceTimersByTime(200)
  source.value = 'host'
  await nextTick()
  vi.advanceTimersByTime(249)
  expect(settled?.value).toBe('')
  vi.advanceTimersByTime(1)
  expect(settled?.value).toBe('host')
  scope.stop()
})
