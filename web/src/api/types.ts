import type { components, paths } from './schema'

/**
 * Shapes of the management API, as its OpenAPI document has them. Those it knows only as "an object" (definitions,
 * forms, schemas, inputs) are told more closely here.
 */
type Schemas = components['schemas']
type Refined<Shape, Closer> = Omit<Shape, keyof Closer> & Closer

export interface Page<Item> {
  items: Item[]
  next?: string | null
}

export type JsonObject = Record<string, unknown>
/** A JSON Schema (2020-12); read loosely, since systems bring their own. */
export type JsonSchema = Record<string, unknown>
/** A text in the languages its author gave. */
export type Localized = string | { en?: string | null; zh?: string | null }

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
export type HostedPluginView = Schemas['HostedPluginView']
export type HostedState = HostedPluginView['state']
export type HostingView = Schemas['HostingView']

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

export type AuditEntry = Schemas['AuditRecordView']
export type AuditVerification = Schemas['AuditVerification']

/** Form model: JSON Forms' schema and UI schema with the texts of other languages by key. */
export interface FormModel {
  schema: JsonSchema
  uischema?: JsonObject | null
  i18n?: Record<string, Record<string, string>> | null
}

export type PluginView = Schemas['PluginView']
export type PluginFacets = Schemas['Facets']
export type Advisory = Schemas['AdvisoryView']
export type NewAdvisory = Schemas['NewAdvisory']
export type InstallWarning = Schemas['InstallWarning']
export type Deprecation = Schemas['DeprecationBody']
export type Submission = Schemas['SubmissionView']
export type SubmissionState = Schemas['SubmissionState']
/** What plugins are looked for by. */
export interface PluginWish {
  q?: string
  kind?: PluginView['kind']
  tag?: string
  publisher?: string
  system?: string
  scope?: string
  channel?: string
  compatible?: boolean
  verified?: boolean
  sort?: Schemas['Sort']
}
/** A form.js with its model, what of it runs, and what became of each part. */
export type FormContext = Schemas['FormContextView']
export type FormFile = Schemas['FormFileView']
export type FormScriptView = Refined<Schemas['FormScriptView'], { form: FormModel; codes: string[] }>
export type PluginVersionView = Refined<Schemas['PluginVersionView'], { form: FormModel }>
export type InstallView = Refined<
  Schemas['InstallView'],
  { grants: Refined<Schemas['InstallGrantView'], { state: GrantState }>[] }
>

export type UpgradePlanView = Schemas['UpgradePlanView']
export type UpgradeView = Schemas['UpgradeView']
export type UpgradedView = Schemas['UpgradedView']
export type PluginPolicyRule = Required<Schemas['PluginPolicyRule']>
export type PluginPolicyView = Refined<Required<Schemas['PluginPolicyView']>, { rules: PluginPolicyRule[] }>
export type PluginPolicyDocument = Pick<PluginPolicyView, 'rules' | 'otherwise' | 'auto_update' | 'pinned'>
/** The texts of a package without code. */
export type PluginDraft = Required<Schemas['DraftBody']>
export type DraftCheckView = Refined<Schemas['DraftCheckView'], { draft: Refined<Schemas['DraftSummaryView'], { form: FormModel }> | null }>
export interface SampleAnswer {
  status: number
  response: unknown
}
export type PluginTrialView = Refined<Schemas['TrialView'], { calls: Refined<Schemas['TrialCallView'], { answer: SampleAnswer | null }>[] }>

export type NodeKind =
  | 'start' | 'end' | 'exclusive' | 'parallel' | 'inclusive' | 'join'
  | 'plugin' | 'timer' | 'wait' | 'confirm' | 'approval' | 'notify' | 'expression' | 'subflow' | 'map'
export interface FlowNode {
  id: string
  kind: NodeKind
  name?: string
  plugin?: string
  version?: string
  inputs?: JsonObject
  retryable?: boolean
  skippable?: boolean
  optional?: boolean
  retry?: { times: number; interval: number; factor: number }
  timeout?: { seconds: number; action: 'fail' | 'skip' }
  on_failure?: 'stop' | 'ignore' | 'handle'
  seconds?: number | string
  until?: string
  message?: string
  approvers?: string[]
  form?: FormModel | null
  values?: Record<string, string>
  flow?: string
  revision?: number
  items?: unknown
  parallel?: number
  lock?: { key: string; limit: number }
  event?: string
  key?: string
  title?: string
  content?: string
  people?: string[]
  groups?: string[]
  launcher?: boolean
  executor?: string
  types?: string[]
}
export interface FlowEdge {
  id: string
  source: string
  target: string
  condition?: string | null
  name?: string | null
  default?: boolean
  failure?: boolean
  limit?: number
}
export interface FlowDefinition {
  nodes: FlowNode[]
  edges: FlowEdge[]
  form?: FormModel | null
  outputs?: Record<string, unknown>
  layout?: Record<string, { x: number; y: number }>
  left_out?: string[]
  executor?: string
  subflows?: Record<string, { nodes: FlowNode[]; edges: FlowEdge[] }>
}
export type FlowView = Schemas['FlowView']
export type FlowDraft = Refined<Schemas['DraftView'], { definition: FlowDefinition }>
export type FlowProblem = Schemas['ProblemView']
export type RevisionSummary = Schemas['RevisionSummary']
export type FieldChange = Schemas['FieldChangeView']
export type FlowComparison = Refined<Schemas['ComparisonView'], { picture: FlowDefinition }>
export type RevisionView = Refined<Schemas['RevisionView'], { definition: FlowDefinition }>

export type LaunchableFlow = Schemas['LaunchableView']
export type RecordedOutputs = Schemas['RecordedOutputsView']
export type TaskRequest = Schemas['RequestView']
export type RequestState = TaskRequest['state']
export type MiniApp = Schemas['MiniAppView']
export type MiniAppChange = Schemas['MiniAppChange']
export type MiniAppSummary = Schemas['MiniAppSummary']
export type MiniAppPage = Refined<Schemas['AppPageView'], { form: FormModel }>
export type SavedInputs = Schemas['SavedInputsView']
export type LastInputs = Schemas['LastInputsView']
export type LaunchReview = Schemas['ReviewView']
export type LaunchForm = Refined<Schemas['LaunchFormView'], { form: FormModel }>

export type TaskState = Schemas['TaskState']
export type NodeState = Schemas['NodeState']
export type NodeView = Schemas['NodeView']
export type TaskSummary = Schemas['TaskSummary']
export type OriginKind = Schemas['OriginKind']
export type BulkOperation = Schemas['BulkOperation']
export type BulkResults = Schemas['BulkResults']
export type TaskView = Refined<Schemas['TaskView'], { definition: FlowDefinition }>
export type NodeRun = Schemas['RunView']
export type NodeDetail = Schemas['NodeDetail']

export type AuthorizationQuestion = Schemas['QuestionView']
export type ScopeMeaning = Schemas['ScopeView']
/** What a scope lets an app do, in words, and which components it opens. */
export type ScopeWords = Schemas['ScopeWordsView']
export type Onward = Schemas['Onward']
export type ConsentView = Schemas['ConsentView']
export type ExecutorConsent = Schemas['ExecutorConsentView']
export type ExecutorRequest = Schemas['ExecutorRequestView']
export type ProjectExecutor = Schemas['ProjectExecutorView']
export type McpServer = Schemas['McpServerView']
export type NewMcpServer = Schemas['NewMcpServerInput']
export type McpServerChange = Schemas['McpServerChange']
export type McpToolChoice = Schemas['McpToolChoiceView']
export type McpTool = Schemas['McpToolView']
export type DeviceQuestion = Schemas['DeviceQuestionView']
export type OAuthSettings = Schemas['ClientSettingsView']
export type OAuthChange = Schemas['ClientSettingsInput']

export type TaskFigures = Schemas['TaskFiguresView']
export type NodeFigures = Schemas['NodeFiguresView']
export type Statistics = Schemas['StatisticsView']
export type Label = Schemas['LabelView']
export type FlowCopy = Schemas['CopyView']
export type ShareableFlow = Schemas['ShareableView']
export type FlowShare = Schemas['FlowShareBody']
export type SharedFlow = Schemas['SharedFlowView']
export type TakenFlow = Schemas['TakenFlowView']
export type FlowOrigin = Schemas['FlowOriginView']
/** What taking a flow of the catalogue would come to. */
export type TakePlan = Refined<Schemas['TakePlanView'], { parts: Refined<Schemas['PartPlanView'], { comparison: FlowComparison | null }>[] }>
/** A flow of the catalogue, with those it runs inside. */
export type FlowContent = Refined<Schemas['FlowContentView'], { definition: FlowDefinition; flows: Record<string, Refined<Schemas['FlowPartView'], { definition: FlowDefinition }>> }>
/** A flow of one project that others may run. */
export type CommonFlow = Schemas['CommonFlowView']
/** A newer version of something that a flow runs. */
export type FlowUpdate = Schemas['UpdateView']
export type FlowUpdateOutcome = Schemas['OutcomeView']
/** A saved selection of a flow's optional nodes. */
export type Scheme = Schemas['SchemeView']
/** When tasks of a flow start by themselves. */
export type ScheduleView = Schemas['ScheduleView']
export type ScheduleInput = Schemas['ScheduleBody']
export type ScheduleTimes = Schemas['SchedulePreviewBody']
export type ScheduleRun = Schemas['ScheduleRunView']
/** What starts tasks of a flow when it happens. */
export type TriggerView = Schemas['TriggerView']
export type TriggerInput = Schemas['TriggerBody']
export type TriggerChange = Schemas['TriggerChange']
export type MadeTrigger = Schemas['TriggerWithSecret']
export type TriggerRun = Schemas['TriggerRunView']
export type TriggerTrial = Schemas['TriggerTrialView']
/** What a project may have at once, and has. */
export type Quotas = Schemas['QuotaView']
export type QuotaLimits = Required<Schemas['QuotaBody']>
export type ProjectQuotas = Schemas['ProjectQuotaView']
export type ArchivedSummary = Refined<Schemas['ArchivedSummary'], { state: TaskState }>
/** An attempt at a node, as the archive has its row. */
export interface ArchivedRun {
  id: string
  node_id: string
  attempt: number
  state: NodeState
  inputs: JsonObject | null
  outputs: JsonObject | null
  error: string | null
  started_at: string
  finished_at: string | null
}
export type ArchivedTask = Refined<Schemas['ArchivedView'], { state: TaskState; definition: FlowDefinition; runs: ArchivedRun[] }>
export type TaskRetention = Schemas['RetentionView']
/** An invariant that a task breaks. */
export type TaskFinding = Schemas['TaskFinding']
export type Examination = Schemas['Examination']
/** Who is told of a flow's tasks. */
export type FlowNotices = Schemas['NoticesView']
export type FlowNoticesInput = Schemas['NoticesBody']
export type NoticeDelivery = Schemas['NoticeView']

export type PublisherView = Schemas['PublisherView']
export type NamespaceView = Schemas['NamespaceView']
export type PublisherIdentity = Schemas['PublisherIdentityView']
export type PublisherIdentityBody = Schemas['PublisherIdentityBody']
export type MirrorView = Refined<Schemas['MirrorView'], { versions: Required<Schemas['MirrorCounts']> }>
export type MirrorBody = Schemas['MirrorBody']
export type MirroredVersion = Schemas['MirroredVersionView']
export type CatalogueEvent = Schemas['CatalogueEvent']
export type CatalogueWebhookBody = Schemas['CatalogueWebhookBody']
export type CatalogueWebhook = Refined<Schemas['CatalogueWebhookView'], { events: CatalogueEvent[] }>
export type CatalogueDelivery = Schemas['CatalogueDeliveryView']
export type BundleReport = Refined<Schemas['BundleReport'], { packages: BundleResult[] }>
export type BundleResult = Required<Schemas['BundleResult']>
export type BuiltInNode = Refined<Schemas['BuiltInView'], { node: NodeKind }>
