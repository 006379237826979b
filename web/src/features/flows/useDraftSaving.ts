import { useMutation, useQueryClient } from '@tanstack/vue-query'
import { computed, onBeforeUnmount, ref, shallowReactive, shallowRef, watch, type ComputedRef } from 'vue'
import { ApiProblem } from '@/api/problem'
import { saveDraft } from '@/api/flows'
import type { FlowDefinition, FlowDraft } from '@/api/types'

const PAUSE = 1500
const NOTHING: FlowDefinition = { nodes: [], edges: [] }
/** The newest draft of each flow that this page saved itself. */
const own = new Map<string, FlowDraft>()
/** The parts of drafts that are edited on the page: `held` is true of one that waits to be saved, or can't be. */
const parts = shallowReactive(new Set<{ save: () => void; held: ComputedRef<boolean> }>())

/** Saves whatever waits for a pause, before something is done with the draft. */
export function saveDraftsNow(): void {
  for (const { save } of parts) save()
}
/** Whether the draft lacks what stands on the page. */
export const unsaved = computed(() => [...parts].some(({ held }) => held.value))
/** Of the saving of a flow's draft, by which it is waited for. */
export const savingKey = (flow: string): string[] => ['save-draft', flow]
/** What changes a flow's draft is done one after the other. */
export const savingScope = (flow: string): { id: string } => ({ id: savingKey(flow).join(' ') })

interface Parts {
  flow: () => string
  /** As the page read it last; null where it can't be changed. */
  draft: () => FlowDraft | null
  /** What is edited here. */
  part: () => unknown
  /** The definition with that in its place. */
  whole: (kept: FlowDefinition) => FlowDefinition
  /** Takes over what stands in a definition. */
  adopt: (definition: FlowDefinition) => void
  /** Whether it can be saved as it is now. */
  ready: () => boolean
}

/**
 * Saves a part of a draft a moment after its last change, and when it is left. A draft that somebody else has saved
 * meanwhile is never written over: `stale` is true until it is said which of the two stays. Parts of the same page are
 * saved one after the other, each over what the one before has left. What the server refused is not sent again as it is.
 */
export function useDraftSaving({ flow, draft, part, whole, adopt, ready }: Parts) {
  const client = useQueryClient()
  /** What the server has, and the version our next save is made from. */
  const kept = shallowRef(draft()?.definition ?? NOTHING)
  const version = ref(draft()?.draft_version ?? 0)
  const savedAt = ref('')
  const text = computed(() => JSON.stringify(part()))
  const base = ref(text.value)
  const refused = ref('')
  const changed = computed(() => text.value !== base.value)

  const save = useMutation({
    mutationKey: savingKey(flow()),
    scope: savingScope(flow()),
    mutationFn: async () => {
      const last = own.get(flow())
      if (last !== undefined && last.draft_version > version.value) {
        kept.value = last.definition
        version.value = last.draft_version
      }
      const definition = whole(kept.value)
      const as = text.value
      return { saved: await saveDraft(flow(), definition, version.value), definition, as }
    },
    onError: (error) => {
      if (error instanceof ApiProblem && error.status >= 400 && error.status < 500) refused.value = text.value
    },
    onSuccess: ({ saved, definition, as }) => {
      kept.value = definition
      version.value = saved.draft_version
      savedAt.value = saved.updated_at
      base.value = as
      own.set(flow(), { ...saved, definition })
      client.setQueryData<FlowDraft>(['flow-draft', flow()], (before) => ({ ...before, ...saved, definition }))
      void client.invalidateQueries({ queryKey: ['flow', flow()] })
    },
  })
  const stale = computed(() => save.error.value instanceof ApiProblem && save.error.value.code === 'stale_draft')
  const able = computed(() => draft() !== null && changed.value && ready() && !save.isPending.value && !stale.value && text.value !== refused.value)
  const now = () => { save.mutate() }

  const saveIfAble = () => { if (able.value) now() }
  const held = computed(() => able.value || (changed.value && save.error.value !== null))
  const entry = { save: saveIfAble, held }
  parts.add(entry)
  let timer: number | undefined
  watch([text, able], () => {
    window.clearTimeout(timer)
    if (able.value) timer = window.setTimeout(now, PAUSE)
  })
  onBeforeUnmount(() => {
    window.clearTimeout(timer)
    parts.delete(entry)
    saveIfAble()
  })

  /** What is edited now is what the server has. */
  function rebase(): void {
    base.value = text.value
  }
  function takeOver(theirs: FlowDraft): void {
    save.reset()
    refused.value = ''
    kept.value = theirs.definition
    version.value = theirs.draft_version
  }
  function takeTheirs(theirs: FlowDraft): void {
    takeOver(theirs)
    adopt(theirs.definition)
    rebase()
    client.setQueryData<FlowDraft>(['flow-draft', flow()], theirs)
  }
  watch(draft, (next) => {
    if (next === null || next.draft_version <= version.value) return
    // What somebody else saved is taken over only while nothing of ours waits; another part saved on this page always.
    if (!changed.value) takeTheirs(next)
    else if (own.get(flow())?.draft_version === next.draft_version && !save.isPending.value) takeOver(next)
  })
  return { save, now, changed, able, stale, version, savedAt, rebase, takeTheirs, keepMine: takeOver, mine: () => whole(kept.value) }
}

export type DraftSaving = ReturnType<typeof useDraftSaving>
