import { useMutation } from '@tanstack/vue-query'
import { computed, shallowRef, type ShallowRef } from 'vue'
import { renameInput } from '@/api/flows'
import type { FlowDraft, FormModel } from '@/api/types'
import { NO_HISTORY, recorded, redone, undone, type History } from '@/features/flow-editor/history'
import { savingKey, savingScope, type DraftSaving } from '@/features/flows/useDraftSaving'

export interface Rename {
  from: string
  to: string
}
/** A form, and the renames that have led to it since the page was opened. */
interface State {
  form: FormModel | null
  renames: readonly Rename[]
}

/**
 * The steps by which a form was changed, to be taken back. A rename is one of them, though it changes the whole flow: the
 * server makes it, and unmakes it, in the draft as it is saved.
 */
export function useFormHistory(flow: () => string, form: ShallowRef<FormModel | null>, saving: DraftSaving) {
  const history = shallowRef<History<State>>(NO_HISTORY)
  const renames = shallowRef<readonly Rename[]>([])
  const present = (): State => ({ form: form.value, renames: renames.value })
  /** What the last step was about: more of the same belongs to it. */
  let about: string | null = null

  function change(next: FormModel | null, subject: string): void {
    if (subject !== about) history.value = recorded(history.value, present())
    else history.value = { ...history.value, behind: [] }
    about = subject
    form.value = next
  }
  function forget(): void {
    history.value = NO_HISTORY
    renames.value = []
    about = null
  }
  const renaming = useMutation({
    mutationKey: savingKey(flow()),
    scope: savingScope(flow()),
    // What could not be saved before stands on the page, with the reason: the draft is not changed under it.
    mutationFn: async ({ from, to }: Rename): Promise<FlowDraft | null> => (saving.changed.value ? null : renameInput(flow(), from, to, saving.version.value)),
  })
  async function renamed(rename: Rename): Promise<boolean> {
    if (saving.able.value) saving.now()
    const draft = await renaming.mutateAsync(rename).catch(() => null)
    if (draft !== null) saving.takeTheirs(draft)
    return draft !== null
  }
  async function rename(step: Rename): Promise<boolean> {
    const [before, past] = [present(), history.value]
    if (!(await renamed(step))) return false
    history.value = recorded(past, before)
    renames.value = [...before.renames, step]
    return true
  }
  /** Adjacent states are a change of the form or a rename apart. */
  async function go(step: typeof undone): Promise<void> {
    const found = step(history.value, present())
    if (found === null) return
    const [now, then] = [renames.value, found.state.renames]
    const undo = now.length > then.length ? now.at(-1) : undefined
    const redo = now.length < then.length ? then.at(-1) : undefined
    if (undo !== undefined && !(await renamed({ from: undo.to, to: undo.from }))) return
    if (redo !== undefined && !(await renamed(redo))) return
    about = null
    history.value = found.history
    renames.value = then
    form.value = found.state.form
  }
  return {
    change,
    rename,
    forget,
    renaming,
    mayUndo: computed(() => history.value.before.length > 0),
    mayRedo: computed(() => history.value.behind.length > 0),
    undo: () => go(undone),
    redo: () => go(redone),
  }
}
