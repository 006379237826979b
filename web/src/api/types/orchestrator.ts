import type { FormModel, JsonObject } from './common'
import type { Refined, Schemas } from './shapes'

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
export interface FlowConstant {
  value: unknown
  schema?: { title?: string; description?: string }
  once?: boolean
}
export interface FlowDefinition {
  nodes: FlowNode[]
  edges: FlowEdge[]
  form?: FormModel | null
  constants?: Record<string, FlowConstant>
  outputs?: Record<string, unknown>
  layout?: Record<string, { x: number; y: number }>
  left_out?: string[]
  executor?: string
  subflows?: Record<string, { nodes: FlowNode[]; edges: FlowEdge[] }>
  project_variables?: Record<string, unknown>
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
/** What may be set of one, whether it is new or changed. */
export type MiniAppChange = Omit<Schemas['MiniAppReplacement'], 'version'>
export type MiniAppSummary = Schemas['MiniAppSummary']
export type MiniAppPage = Refined<Schemas['AppPageView'], { form: FormModel }>
export type SavedInputs = Schemas['SavedInputsView']
export type LastInputs = Schemas['LastInputsView']
export type LaunchReview = Schemas['ReviewView']
export type LaunchForm = Refined<Schemas['LaunchFormView'], { form: FormModel }>

export type TaskState = Schemas['TaskState']
export type NodeState = Schemas['NodeState']
export type NodeView = Schemas['NodeView']
export type InsideView = Schemas['InsideView']
export type TaskSummary = Schemas['TaskSummary']
export type OriginKind = Schemas['OriginKind']
export type BulkOperation = Schemas['BulkOperation']
export type BulkResults = Schemas['BulkResults']
export type TaskView = Refined<Schemas['TaskView'], { definition: FlowDefinition }>
export type NodeRun = Schemas['RunView']
export type TaskCancellation = Schemas['TaskCancellation']
export type NodeDetail = Schemas['NodeDetail']

export type ExecutorConsent = Schemas['ExecutorConsentView']
export type ExecutorRequest = Schemas['ExecutorRequestView']
export type ProjectVariable = Schemas['ProjectVariableView']
export type ProjectVariableChange = Schemas['ProjectVariableChange']
export type FlowUse = Schemas['FlowUseView']
export type ProjectExecutor = Schemas['ProjectExecutorView']
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
/** What may be changed of one later. */
export type TriggerChange = Omit<Schemas['TriggerReplacement'], 'version'>
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
export type PlainSecret = Schemas['PlainSecretView']
export type Examination = Schemas['Examination']
/** Who is told of a flow's tasks. */
export type FlowNotices = Schemas['NoticesView']
export type FlowNoticesInput = Schemas['NoticesBody']
export type NoticeDelivery = Schemas['NoticeView']

