import { useMutation, useQueryClient } from '@tanstack/vue-query'
import { computed, onBeforeUnmount, ref, shallowRef, watch } from 'vue'
import { ApiProblem } from '@/api/problem'
import { saveDraft } from '@/api/flows'
import type { FlowDefinition, FlowDraft } from '@/api/types'

const PAUSE = 1500
const NOTHING: FlowDefinition = { nodes: [], edges: [] }
/** The newest version of each flow's draft that this page saved itself. */
const own = new Map<string, number>()
/** What is edited on the page and can be saved at once. */
const edited = new Set<() => void>()

/** Saves whatever waits for a pause, before something is done with the draft. */
export function saveDraftsNow(): void {
  for (const save of edited) save()
}
/** Of the saving of a flow's draft, by which it is waited for. */
export const savingKey = (flow: string): string[] => ['save-draft', flow]

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
 * meanwhile is never written over: `stale` is true until it is said which of the two stays.
 */
export function useDraftSaving({ flow, draft, part, whole, adopt, ready }: Parts) {
  const client = useQueryClient()
  /** What the server has, and the version our next save is made from. */
  const kept = shallowRef(draft()?.definition ?? NOTHING)
  const version = ref(draft()?.draft_version ?? 0)
  const savedAt = ref('')
  const base = ref(JSON.stringify(part()))
  const changed = computed(() => JSON.stringify(part()) !== base.value)

  const save = useMutation({
    mutationKey: savingKey(flow()),
    mutationFn: ({ definition }: { definition: FlowDefinition; as: string }) => saveDraft(flow(), definition, version.value),
    onSuccess: (saved, { definition, as }) => {
      kept.value = definition
      version.value = saved.draft_version
      savedAt.value = saved.updated_at
      base.value = as
      own.set(flow(), saved.draft_version)
      client.setQueryData<FlowDraft>(['flow-draft', flow()], (before) => ({ ...before, ...saved, definition }))
      void client.invalidateQueries({ queryKey: ['flow', flow()] })
    },
  })
  const stale = computed(() => save.error.value instanceof ApiProblem && save.error.value.code === 'stale_draft')
  const able = computed(() => draft() !== null && changed.value && ready() && !save.isPending.value && !stale.value)
  const now = () => { save.mutate({ definition: whole(kept.value), as: JSON.stringify(part()) }) }

  const saveIfAble = () => { if (able.value) now() }
  edited.add(saveIfAble)
  let timer: number | undefined
  watch([() => JSON.stringify(part()), able], () => {
    window.clearTimeout(timer)
    if (able.value) timer = window.setTimeout(now, PAUSE)
  })
  onBeforeUnmount(() => {
    window.clearTimeout(timer)
    edited.delete(saveIfAble)
    saveIfAble()
  })

  /** What is edited now is what the server has. */
  function rebase(): void {
    base.value = JSON.stringify(part())
  }
  function takeOver(theirs: FlowDraft): void {
    save.reset()
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
    else if (own.get(flow()) === next.draft_version) takeOver(next)
  })
  return { save, now, changed, able, stale, savedAt, rebase, takeTheirs, keepMine: takeOver, mine: () => whole(kept.value) }
}

export type DraftSaving = ReturnType<typeof useDraftSaving>
