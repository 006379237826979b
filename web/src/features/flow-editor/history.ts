/** What was before and what was taken back, the latest last. */
export interface History<State> {
  readonly before: readonly State[]
  readonly behind: readonly State[]
}

const MOST = 100

export const NO_HISTORY: History<never> = { before: [], behind: [] }

/** After a change of `present`; what was taken back before it is gone. */
export function recorded<State>({ before }: History<State>, present: State): History<State> {
  return { before: [...before, present].slice(-MOST), behind: [] }
}

/** The state before `present`, if there is one. */
export function undone<State>({ before, behind }: History<State>, present: State): { history: History<State>; state: State } | null {
  const state = before.at(-1)
  return state === undefined ? null : { history: { before: before.slice(0, -1), behind: [...behind, present] }, state }
}

/** The state that was taken back last, if there is one. */
export function redone<State>({ before, behind }: History<State>, present: State): { history: History<State>; state: State } | null {
  const state = behind.at(-1)
  return state === undefined ? null : { history: { before: [...before, present], behind: behind.slice(0, -1) }, state }
}
