import type { Refined, Schemas } from './shapes'

export type ProjectRole = 'owner' | 'maintainer' | 'developer' | 'operator' | 'viewer' | 'auditor'
export type SessionUser = Schemas['SessionUser']
export type SessionProject = Refined<Schemas['SessionProject'], { roles: ProjectRole[] }>
export type SessionView = Refined<Schemas['SessionView'], { user: SessionUser; projects: SessionProject[] }>
export type ProjectView = Schemas['ProjectView']

export type UserView = Schemas['UserView']
export type NewUser = Schemas['NewUser']
export type UserChange = Schemas['UserChange']
export type AccountView = Schemas['AccountView']
export type PasswordResetView = Schemas['PasswordResetView']
export type OpenSessionView = Schemas['OpenSessionView']
export type ApiTokenView = Schemas['ApiTokenView']
export type NewApiToken = Schemas['NewApiToken']
export type CreatedApiToken = Schemas['CreatedApiToken']
export type OfferedPerson = Schemas['OfferedPerson']
/** A role and where it comes from. */
export type HeldRole = Schemas['HeldRoleView']
export type PersonRolesView = Schemas['PersonRolesView']
export type RolesView = Schemas['RolesView']
/** Whether something is allowed, and why. */
export type ExplanationView = Schemas['ExplanationView']
export type IdentityProviderView = Schemas['ProviderView']
export type ProviderInput = Schemas['ProviderInput']
export type RoleRule = Schemas['RoleRule']
export type SignInMethods = Schemas['SignInMethods']
export type BusinessView = Schemas['BusinessView']

/** Of a project nothing is told beyond where it comes from: it is read when a plugin needs it. */
export type NamedSecret = Schemas['ProjectSecretView'] & Partial<Schemas['NamedSecretView']>
/** A system or project that keeps secrets. */
export interface SecretOwner {
  kind: 'system' | 'project'
  name: string
}
export type PutSecret = Schemas['StoredSecret'] | Schemas['EnvironmentSecret'] | Schemas['FileSecret'] | Schemas['VaultSecret']
