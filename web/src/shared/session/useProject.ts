import { computed, ref } from 'vue'
import type { ProjectRole } from '@/api/types'
import { hasAnyRole, useSession } from './useSession'

const KEY = 'trunkline.project'
const chosen = ref(localStorage.getItem(KEY) ?? '')

const AUTHORS: ProjectRole[] = ['owner', 'maintainer', 'developer']
const OPERATORS: ProjectRole[] = ['owner', 'maintainer', 'developer', 'operator']
const OWNERS: ProjectRole[] = ['owner']
const KEEPERS: ProjectRole[] = ['owner', 'maintainer']
const AUDITORS: ProjectRole[] = ['owner', 'maintainer', 'auditor']

/** The project the console works in: the one chosen last, or the first one the person belongs to. */
export function useProject() {
  const { session } = useSession()
  const projects = computed(() => session.value?.projects ?? [])
  const project = computed(() => projects.value.find(({ code }) => code === chosen.value) ?? projects.value[0] ?? null)
  const code = computed(() => project.value?.code ?? '')
  const mayAuthor = computed(() => hasAnyRole(session.value, code.value, AUTHORS))
  const mayOperate = computed(() => hasAnyRole(session.value, code.value, OPERATORS))
  const mayKeep = computed(() => hasAnyRole(session.value, code.value, KEEPERS))
  const mayAudit = computed(() => hasAnyRole(session.value, code.value, AUDITORS))
  const owns = computed(() => hasAnyRole(session.value, code.value, OWNERS))

  function choose(next: string): void {
    chosen.value = next
    localStorage.setItem(KEY, next)
  }
  /** Works in the project that what is looked at belongs to: whoever followed a link to it from elsewhere goes on there. */
  function enter(id: string): void {
    const found = projects.value.find((each) => each.id === id)
    if (found !== undefined && found.code !== code.value) choose(found.code)
  }
  return { projects, project, code, choose, enter, mayAuthor, mayOperate, mayKeep, mayAudit, owns }
}
