// @vitest-environment jsdom
import { QueryClient, VueQueryPlugin } from '@tanstack/vue-query'
import { beforeEach, expect, it, vi } from 'vitest'
import { createApp, nextTick, ref, type Ref } from 'vue'
import { saveDraft } from '@/api/flows'
import { ApiProblem } from '@/api/problem'
import type { FlowDefinition, FlowDraft } from '@/api/types'
import { saveDraftsNow, unsaved, useDraftSaving } from './useDraftSaving'

vi.mock('@/api/flows', () => ({ saveDraft: vi.fn() }))

let flow = 0
const draft = (): FlowDraft => ({ flow_id: String(flow), draft_version: 1, definition: { nodes: [], edges: [] }, updated_by: 'ann', updated_at: '' })

/** A page with a part for the flow's form and one for its executor, both text. */
function page(): { form: Ref<string>; executor: Ref<string>; close: () => void } {
  const [form, executor] = [ref(''), ref('')]
  const save = (part: Ref<string>, whole: (kept: FlowDefinition) => FlowDefinition): void => {
    useDraftSaving({ flow: () => String(flow), draft, part: () => part.value, whole, adopt: () => undefined, ready: () => true })
  }
  const app = createApp({
    setup() {
      save(form, (kept) => ({ ...kept, outputs: { text: form.value } }))
      save(executor, (kept) => ({ ...kept, executor: executor.value }))
      return () => null
    },
  })
  app.use(VueQueryPlugin, { queryClient: new QueryClient() })
  app.mount(document.createElement('div'))
  return { form, executor, close: () => { app.unmount() } }
}
const sent = (): [FlowDefinition, number][] => vi.mocked(saveDraft).mock.calls.map(([, definition, version]) => [definition, version])

beforeEach(() => {
  flow += 1
  vi.mocked(saveDraft).mockReset()
  vi.mocked(saveDraft).mockImplementation((_, definition, version) => Promise.resolve({ ...draft(), definition, draft_version: version + 1 }))
})

it('saves two parts that are left at once one after the other, the second over what the first has left', async () => {
  const { form, executor, close } = page()
  form.value = 'a'
  executor.value = 'bob'
  await nextTick()
  close()
  await vi.waitFor(() => { expect(sent()).toHaveLength(2) })
  expect(sent()).toEqual([[{ nodes: [], edges: [], outputs: { text: 'a' } }, 1], [{ nodes: [], edges: [], outputs: { text: 'a' }, executor: 'bob' }, 2]])
})

it('sends nothing again that was refused, until it is changed, and says meanwhile that something is not saved', async () => {
  const { form, close } = page()
  vi.mocked(saveDraft).mockRejectedValueOnce(new ApiProblem(422, { title: 'no', code: 'invalid' }))
  form.value = 'wrong'
  await nextTick()
  saveDraftsNow()
  await vi.waitFor(() => { expect(sent()).toHaveLength(1) })
  await nextTick()
  saveDraftsNow()
  expect(unsaved.value).toBe(true)
  form.value = 'right'
  await nextTick()
  saveDraftsNow()
  await vi.waitFor(() => { expect(sent()).toHaveLength(2) })
  await vi.waitFor(() => { expect(unsaved.value).toBe(false) })
  close()
  expect(sent()).toHaveLength(2)
})
