import { answer, api, given, refined } from './client'
import type {
  AccountView,
  ApiTokenView,
  BusinessView,
  CreatedApiToken,
  ExplanationView,
  IdentityProviderView,
  NewApiToken,
  NewUser,
  OfferedPerson,
  OpenSessionView,
  Page,
  PasswordResetView,
  PersonRolesView,
  ProviderInput,
  RolesView,
  SignInMethods,
  UserChange,
  UserView,
} from './types'

const MANY = 200

export function listUsers(search: string, cursor: string | null): Promise<Page<UserView>> {
  return answer(api.GET('/v1/users', { params: { query: { ...given({ search, cursor }), limit: 50 } } }))
}
export function createUser(body: NewUser): Promise<UserView> {
  return answer(api.POST('/v1/users', { body }))
}
export function setUserActive(username: string, active: boolean): Promise<UserView> {
  const options = { params: { path: { username } } }
  return answer(active ? api.POST('/v1/users/{username}:enable', options) : api.POST('/v1/users/{username}:disable', options))
}
export function resetPassword(username: string, by: 'link' | 'temporary'): Promise<PasswordResetView> {
  return answer(api.POST('/v1/users/{username}:reset-password', { params: { path: { username } }, body: { by } }))
}
export async function setPasswordByLink(token: string, password: string): Promise<void> {
  await answer(api.POST('/v1/password-links:redeem', { body: { token, password } }))
}

export function readAccount(): Promise<AccountView> {
  return answer(api.GET('/v1/account'))
}
export function changeAccount(body: UserChange): Promise<UserView> {
  return answer(api.PATCH('/v1/account', { body }))
}
export async function changePassword(old_password: string, new_password: string): Promise<void> {
  await answer(api.PUT('/v1/account/password', { body: { old_password, new_password } }))
}

export function listSessions(username: string): Promise<Page<OpenSessionView>> {
  return answer(api.GET('/v1/users/{username}/sessions', { params: { path: { username }, query: { limit: MANY } } }))
}
export async function endSession(username: string, session_id: string): Promise<void> {
  await answer(api.DELETE('/v1/users/{username}/sessions/{session_id}', { params: { path: { username, session_id } } }))
}
export async function endSessions(username: string): Promise<void> {
  await answer(api.DELETE('/v1/users/{username}/sessions', { params: { path: { username } } }))
}

export function listApiTokens(): Promise<Page<ApiTokenView>> {
  return answer(api.GET('/v1/api-tokens', { params: { query: { limit: MANY } } }))
}
export function createApiToken(body: NewApiToken): Promise<CreatedApiToken> {
  return answer(api.POST('/v1/api-tokens', { body }))
}
export async function deleteApiToken(token_id: string): Promise<void> {
  await answer(api.DELETE('/v1/api-tokens/{token_id}', { params: { path: { token_id } } }))
}

/** Whom a field for people of the project offers: its members, and whoever has the searched letters in his names. */
export async function offerPeople(project: string, search: string): Promise<OfferedPerson[]> {
  return (await answer(api.GET('/v1/projects/{project}/people', { params: { path: { project }, query: given({ search }) } }))).items
}

export function listRoles(resource: string): Promise<RolesView> {
  return answer(api.GET('/v1/roles', { params: { query: { resource } } }))
}
/** Makes these the roles the person holds by hand. */
export function setRoles(resource: string, username: string, roles: string[]): Promise<PersonRolesView> {
  return answer(api.PUT('/v1/roles', { params: { query: { resource } }, body: { username, roles } }))
}

/** Whether the person may do these things, and why. */
export function explainActions(resource: string, action: ExplanationView['action'][]): Promise<Page<ExplanationView>> {
  return refined(api.GET('/v1/explain', { params: { query: { resource, action: action as never[] } } }))
}

export function readSignInMethods(): Promise<SignInMethods> {
  return answer(api.GET('/v1/sign-in/methods'))
}
export function listProviders(): Promise<Page<IdentityProviderView>> {
  return answer(api.GET('/v1/identity-providers'))
}
export function putProvider(name: string, body: ProviderInput): Promise<IdentityProviderView> {
  return answer(api.PUT('/v1/identity-providers/{name}', { params: { path: { name } }, body }))
}
export async function deleteProvider(name: string): Promise<void> {
  await answer(api.DELETE('/v1/identity-providers/{name}', { params: { path: { name } } }))
}

/** Null where the project belongs to none. */
export function readBusiness(project: string): Promise<BusinessView | null> {
  return answer(api.GET('/v1/projects/{project}/business', { params: { path: { project } } }))
}
export function bindBusiness(project: string, bk_biz_id: number): Promise<BusinessView> {
  return answer(api.PUT('/v1/projects/{project}/business', { params: { path: { project } }, body: { bk_biz_id } }))
}
export async function unbindBusiness(project: string): Promise<void> {
  await answer(api.DELETE('/v1/projects/{project}/business', { params: { path: { project } } }))
}
export function synchroniseBusiness(project: string): Promise<BusinessView> {
  return answer(api.POST('/v1/projects/{project}/business:synchronise', { params: { path: { project } } }))
}
