import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { readSession } from '@/api/session'
import type { ProjectRole, SessionView } from '@/api/types'

/** Query key of the session. */
export const SESSION = ['session'] as const

/** Whether someone may change what a project holds; the server decides again. */
export function hasAnyRole(session: SessionView | null | undefined, project: string, roles: ProjectRole[]): boolean {
  if (session == null) return false
  if (session.user.is_admin) return true
  const found = session.projects.find(({ id, code }) => id === project || code === project)
  return found?.roles.some((role) => roles.includes(role)) ?? false
}

/** Who is signed in. */
export function useSession() {
  const query = useQuery({ queryKey: SESSION, queryFn: readSession, staleTime: 60_000 })
  const session = computed(() => query.data.value ?? null)
  const user = computed(() => session.value?.user ?? null)
  /** Whether the person holds a role on the platform; administrators hold them all. */
  const holds = (role: string): boolean => user.value?.is_admin === true || (user.value?.platform_roles.includes(role) ?? false)
  return { session, user, holds, refetch: query.refetch }
}
