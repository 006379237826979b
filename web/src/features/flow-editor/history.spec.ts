import { expect, it } from 'vitest'
import { NO_HISTORY, recorded, redone, undone, type History } from './history'

it('goes back and forth, until something else is done', () => {
  const history = recorded(recorded(NO_HISTORY as History<string>, 'a'), 'b')
  const back = undone(history, 'c')
  expect(back?.state).toBe('b')
  expect(redone(back?.history ?? NO_HISTORY, 'b')).toEqual({ history, state: 'c' })
  expect(redone(recorded(back?.history ?? NO_HISTORY, 'b'), 'd'), 'what was taken back is gone').toBeNull()
  expect(undone(NO_HISTORY as History<string>, 'a')).toBeNull()
})

it('forgets what is long ago', () => {
  let history: History<number> = NO_HISTORY
  for (let number = 0; number < 150; number += 1) history = recorded(history, number)
  expect(history.before).toHaveLength(100)
  expect(history.before.at(-1)).toBe(149)
})
