import { answer, api, refined, setCsrfToken } from './client'
import { gathered } from './pages'
import { ApiProblem } from './problem'
import type { ProjectView, SessionView } from './types'

export { whenSignedOut } from './client'

function keep(session: SessionView): SessionView {
  setCsrfToken(session.csrf_token)
  return session
}

export async function signIn(username: string, password: string): Promise<SessionView> {
  return keep(await refined<SessionView>(api.POST('/v1/session', { body: { username, password } })))
}

/** The session of this browser, or null when nobody is signed in. */
export async function readSession(): Promise<SessionView | null> {
  try {
    return keep(await refined<SessionView>(api.GET('/v1/session')))
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 401) return null
    throw error
  }
}

export async function signOut(): Promise<void> {
  await answer(api.DELETE('/v1/session'))
  setCsrfToken('')
}

/** Those the person may see; all of them for administrators. */
export async function listProjects(): Promise<ProjectView[]> {
  return (await gathered((cursor) => answer(api.GET('/v1/projects', { params: { query: { cursor, limit: 200 } } })))).items
}

export function createProject(body: { code: string; name: string; description: string }): Promise<ProjectView> {
  return answer(api.POST('/v1/projects', { body }))
}
