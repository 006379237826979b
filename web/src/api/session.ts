import { ApiProblem } from './problem'
import { request, seg, setCsrfToken } from './http'
import type { ProjectView, SessionView } from './types'

export { whenSignedOut } from './http'

function keep(session: SessionView): SessionView {
  setCsrfToken(session.csrf_token)
  return session
}

export async function signIn(username: string, password: string): Promise<SessionView> {
  return keep(await request<SessionView>('POST', '/session', { body: { username, password } }))
}

/** The session of this browser, or null when nobody is signed in. */
export async function readSession(): Promise<SessionView | null> {
  try {
    return keep(await request<SessionView>('GET', '/session'))
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 401) return null
    throw error
  }
}

export async function signOut(): Promise<void> {
  await request<undefined>('DELETE', '/session')
  setCsrfToken('')
}

export function createProject(body: { code: string; name: string; description: string }): Promise<ProjectView> {
  return request('POST', '/projects', { body })
}

export function readProject(project: string): Promise<ProjectView> {
  return request('GET', `/projects/${seg(project)}`)
}
