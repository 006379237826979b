import type { FormModel } from './common'
import type { GrantState } from './gateway'
import type { NodeKind } from './orchestrator'
import type { Refined, Schemas } from './shapes'

export type HostedPluginView = Schemas['HostedPluginView']
export type HostedState = HostedPluginView['state']
export type HostingView = Schemas['HostingView']

export type PluginView = Schemas['PluginView']
export type PluginFacets = Schemas['Facets']
export type Advisory = Schemas['AdvisoryView']
export type NewAdvisory = Schemas['NewAdvisory']
export type InstallWarning = Schemas['InstallWarning']
export type Deprecation = Schemas['DeprecationBody']
export type Submission = Schemas['SubmissionView']
export type SubmissionChanges = Schemas['SubmissionChangesView']
export type VersionChanges = Omit<SubmissionChanges, 'before'>
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
/** What users of a package in quarantine would read and fill in. */
export type SubmissionPreview = Refined<Schemas['SubmissionPreviewView'], { form: FormModel; form_script: FormScriptView | null }>
export type PluginVersionView = Refined<Schemas['PluginVersionView'], { form: FormModel }>
export type InstallView = Refined<
  Schemas['InstallView'],
  { grants: Refined<Schemas['InstallGrantView'], { state: GrantState }>[] }
>

export type UpgradePlanView = Schemas['UpgradePlanView']
export type RollbackPlanView = Schemas['RollbackPlanView']
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
