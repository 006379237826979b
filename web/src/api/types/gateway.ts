import type { paths } from '../schema'
import type { JsonObject, JsonSchema } from './common'
import type { Refined, Schemas } from './shapes'

export type SystemView = Schemas['SystemView']
export type SystemImport = Schemas['ImportSystem']
export type NewSystem = Schemas['NewSystem']
export type ImportedSystem = Schemas['ImportedSystem']
/** A parameter outside the body. */
export interface ComponentParameter {
  name: string
  in: string
  required?: boolean
  schema?: JsonSchema
  description?: string
}
/** A component as people write it: what is usual may be left out. */
export type ComponentDefinition = Refined<Schemas['Component'], { mapping?: Assignment[]; policies?: Policy[] }>
export type DraftComponent = Refined<Schemas['DraftComponentView'], { component: ComponentDefinition }>
export type ComponentProposal = Refined<Schemas['ComponentProposal'], { component: ComponentDefinition }>
export type Note = Schemas['Note']
export type Location = 'path' | 'query' | 'header' | 'body'
type Whence = { in: Location; name: string } | { constant: unknown } | { variable: string }
/** Puts other values in the place of some, or the text in base64. */
type Converted = Whence & ({ values: JsonObject } | { as: 'base64' | 'list' })
/** One value's way to the upstream; of several sources the first that has a value counts. */
export interface Assignment {
  to: { in: Location; name: string; type?: string }
  from: Whence | Converted | (Whence | Converted)[]
  required?: boolean
}
export type ComponentView = Refined<Schemas['ComponentView'], { parameters: ComponentParameter[] }>

export type StageView = Schemas['StageView']
export type NewStage = Schemas['NewStage']
export type StageChange = Schemas['StageChange']
export type CanaryView = Schemas['CanaryView']
export type CanaryStatus = Schemas['CanaryStatus']
export type ActivationView = Schemas['ActivationView']
export type ReleaseView = Schemas['ReleaseView']
export type NewRelease = Schemas['NewRelease']
export type MadeRelease = Schemas['MadeRelease']
export type ReleaseDiff = Schemas['DiffView']
export type ChangeReason = Schemas['ReasonView']
export type Caller = Schemas['CallerView']
/** Part of each answer to a change of configuration: the revision it made, and whether every gateway process serves it. */
export type LiveView = Schemas['LiveView']
export type SnapshotView = Schemas['SnapshotView']

export interface ActiveCheck {
  path: string
  interval: number
  timeout: number
  statuses?: number[] | null
  healthy_after: number
  unhealthy_after: number
}
export interface PassiveCheck {
  failures: number
  eject_seconds: number
}
export type Balance = NonNullable<Schemas['UpstreamSettings']['balance']>
export type UpstreamSettings = Schemas['UpstreamSettings']
export type ServerView = Schemas['ServerView']
export type UpstreamView = Refined<
  Schemas['UpstreamView'],
  { balance: Balance; health: { active: ActiveCheck | null; passive: PassiveCheck | null } }
>

export type BackEndView = Schemas['BackEndView']
export type BackEndSettings = NonNullable<paths['/v1/systems/{system}/stages/{stage}/back-end']['put']['requestBody']>['content']['application/json']
export type SigningView = Schemas['SigningView']
export type SigningSettings = NonNullable<paths['/v1/systems/{system}/stages/{stage}/signing']['put']['requestBody']>['content']['application/json']
export type SystemKey = Schemas['SystemKeyView']
export type KeyRotation = Schemas['KeyRotation']
export type VerificationKey = Schemas['VerificationKeyView']

export type Compatibility = Schemas['CompatibilityView']
export type RelatedApp = Schemas['RelatedAppView']
export type TrustedGateway = Schemas['TrustedGatewayView']

export type ManifestPlan = Schemas['PlanView']
export type ManifestChange = Schemas['ChangeView']
export type AppliedManifest = Schemas['AppliedView']
export type BluekingDocument = Schemas['BluekingDocument']

export type Trial = Schemas['Trial']
export type TrialAnswer = Schemas['TrialAnswerView']
export type SampleResult = Schemas['SampleResultView']
/** What one app called of one component. */
export type Use = Schemas['UseView']

export interface Policy {
  kind: string
  config: JsonObject
}
export type PolicyLevel = 'system' | 'stage' | 'component' | 'app'
export type PolicyKind = Refined<Schemas['PolicyKindView'], { config_schema: JsonSchema; levels: PolicyLevel[] }>
export type PoliciesView = Refined<Schemas['PoliciesView'], { policies: Policy[] }>

export type AppView = Schemas['AppView']
export type AppChange = Schemas['AppChange']
export type AppCreated = Schemas['CreatedApp']
export type AppSecretView = Schemas['SecretView']
export type AppSecretCreated = Schemas['CreatedSecret']

export type GrantView = Schemas['GrantView']
export type GrantState = GrantView['state']
export type GrantApplication = Schemas['GrantApplication']
export type ApplicationView = Schemas['ApplicationView']
export type ApplicationState = ApplicationView['state']
export type Verdict = Schemas['VerdictInput']
export type GrantRules = Schemas['GrantRulesView']
export type GrantRulesChange = Schemas['GrantRulesInput']
export type DeputyView = Schemas['DeputyView']
export type TicketWebhook = Schemas['TicketWebhookView']
export type CreatedTicketWebhook = Schemas['CreatedTicketWebhook']
export type TicketDelivery = Schemas['TicketDeliveryView']
export type ListedSystem = Schemas['ListedSystemView']
export type ListedComponent = Schemas['ListedComponentView']
export type DecidedGrant = Schemas['DecidedGrant']

export type AuthorizationQuestion = Schemas['QuestionView']
export type ScopeMeaning = Schemas['ScopeView']
/** What a scope lets an app do, in words, and which components it opens. */
export type ScopeWords = Schemas['ScopeWordsView']
export type Onward = Schemas['Onward']
export type ConsentView = Schemas['ConsentView']
export type McpServer = Schemas['McpServerView']
export type NewMcpServer = Schemas['NewMcpServerInput']
export type McpServerChange = Schemas['McpServerChange']
export type McpToolChoice = Schemas['McpToolChoiceView']
export type McpTool = Schemas['McpToolView']
export type DeviceQuestion = Schemas['DeviceQuestionView']
export type OAuthSettings = Schemas['ClientSettingsView']
export type OAuthChange = Schemas['ClientSettingsInput']
