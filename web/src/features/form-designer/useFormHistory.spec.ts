// @vitest-environment jsdom
import { QueryClient, VueQueryPlugin } from '@tanstack/vue-query'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createApp, nextTick, shallowRef, type App, type ShallowRef } from 'vue'
import { renameInput, saveDraft } from '@/api/flows'
import { ApiProblem } from '@/api/problem'
import type { FlowDraft, FormModel } from '@/api/types'
import { saveDraftsNow, useDraftSaving } from '@/features/flows/useDraftSaving'
import { useFormHistory } from './useFormHistory'

vi.mock('@/api/flows', () => ({ saveDraft: vi.fn(), renameInput: vi.fn() }))

let flow = 0
let open: App | undefined
const formOf = (...names: string[]): FormModel => ({ schema: { type: 'object', properties: Object.fromEntries(names.map((name) => [name, {}])) }, uischema: null, i18n: {} })
const draftOf = (form: FormModel, version: number): FlowDraft => ({ flow_id: String(flow), draft_version: version, definition: { nodes: [], edges: [], form }, updated_by: 'ann', updated_at: '' })
const names = (form: FormModel | null): string[] => Object.keys((form?.schema.properties ?? {}) as object)

/** A form of the inputs `a` and `b` on a page. */
function page(): { form: ShallowRef<FormModel | null>; history: ReturnType<typeof useFormHistory> } {
  const form = shallowRef<FormModel | null>(formOf('a', 'b'))
  const begun = draftOf(formOf('a', 'b'), 1)
  let history: ReturnType<typeof useFormHistory> | undefined
  const app = createApp({
    setup() {
      const saving = useDraftSaving({ flow: () => String(flow), draft: () => begun, part: () => form.value, whole: (kept) => ({ ...kept, form: form.value }), adopt: (definition) => { history?.forget(); form.value = definition.form ?? null }, ready: () => true })
      history = useFormHistory(() => String(flow), form, saving)
      return () => null
    },
  })
  app.use(VueQueryPlugin, { queryClient: new QueryClient() })
  open = app
  app.mount(document.createElement('div'))
  if (history === undefined) throw new Error('not mounted')
  return { form, history }
}

beforeEach(() => {
  flow += 1
  let kept = ['a', 'b']
  vi.mocked(saveDraft).mockReset().mockImplementation((_, definition, version) => {
    kept = names(definition.form ?? null)
    return Promise.resolve({ ...draftOf(formOf(), version + 1), definition })
  })
  vi.mocked(renameInput).mockReset().mockImplementation((_, from, to, version) => {
    kept = kept.map((name) => (name === from ? to : name))
    return Promise.resolve(draftOf(formOf(...kept), version + 1))
  })
})

afterEach(() => { open?.unmount() })

it('takes a rename back in one step, and makes it again', async () => {
  const { form, history } = page()
  expect(await history.rename({ from: 'a', to: 'first' })).toBe(true)
  expect(names(form.value)).toEqual(['first', 'b'])
  await history.undo()
  expect([names(form.value), history.mayUndo.value, history.mayRedo.value]).toEqual([['a', 'b'], false, true])
  await history.redo()
  expect(names(form.value)).toEqual(['first', 'b'])
  expect(vi.mocked(renameInput).mock.calls.map((call) => call.slice(1))).toEqual([['a', 'first', 1], ['first', 'a', 2], ['a', 'first', 3]])
})

it('has what waits saved before an input is renamed, and takes both back one after the other', async () => {
  const { form, history } = page()
  history.change(formOf('a', 'b', 'c'), 'add c')
  await nextTick()
  await history.rename({ from: 'c', to: 'last' })
  expect([vi.mocked(saveDraft).mock.calls.length, vi.mocked(renameInput).mock.calls[0]?.[3]]).toEqual([1, 2])
  await history.undo()
  expect(names(form.value)).toEqual(['a', 'b', 'c'])
  await history.undo()
  expect(names(form.value)).toEqual(['a', 'b'])
})

it('renames nothing while something can not be saved, nor what the server refuses', async () => {
  const { form, history } = page()
  vi.mocked(renameInput).mockRejectedValueOnce(new ApiProblem(422, { title: 'no', code: 'flow_refused' }))
  expect(await history.rename({ from: 'a', to: 'first' })).toBe(false)
  expect([names(form.value), history.mayUndo.value]).toEqual([['a', 'b'], false])
  vi.mocked(saveDraft).mockRejectedValueOnce(new ApiProblem(422, { title: 'no', code: 'invalid' }))
  history.change(formOf('a'), 'remove b')
  await nextTick()
  saveDraftsNow()
  expect(await history.rename({ from: 'a', to: 'first' })).toBe(false)
  expect(vi.mocked(renameInput).mock.calls).toHaveLength(1)
})

it('takes what is typed at one field for one step', async () => {
  const { form, history } = page()
  history.change(formOf('a', 'b', 'x'), 'change a')
  history.change(formOf('a', 'b', 'xy'), 'change a')
  history.change(formOf('a', 'b'), 'change b')
  await history.undo()
  expect(names(form.value)).toEqual(['a', 'b', 'xy'])
  await history.undo()
  expect(names(form.value)).toEqual(['a', 'b'])
})
