import { answer, api, refined } from './client'
import type { InstallView, Page, PluginPolicyDocument, PluginPolicyView, RollbackPlanView, UpgradedView, UpgradePlanView, UpgradeView } from './types'

export function listInstalls(project: string): Promise<Page<InstallView>> {
  return refined<Page<InstallView>>(
    api.GET('/v1/projects/{project}/installs', { params: { path: { project }, query: { limit: 500 } } }),
  )
}

export function installPlugin(
  project: string,
  body: { plugin: string; version: string; consent_scopes: string[] },
): Promise<InstallView> {
  return refined<InstallView>(api.POST('/v1/projects/{project}/installs', { params: { path: { project } }, body }))
}

/** Takes a consent back; without `force` it is refused while flows or tasks run the version. */
export async function removeInstall(project: string, code: string, version: string, force: boolean): Promise<void> {
  await answer(api.DELETE('/v1/projects/{project}/installs/{code}', { params: { path: { project, code }, query: { version, force } } }))
}

export function planUpgrade(project: string, code: string, from: string, to: string): Promise<UpgradePlanView> {
  return answer(api.GET('/v1/projects/{project}/installs/{code}/upgrade', { params: { path: { project, code }, query: { from, to } } }))
}

export function upgradeInstall(
  project: string,
  code: string,
  body: { from_version: string; to_version: string; consent_scopes: string[]; flows: string[]; publish: boolean },
): Promise<UpgradedView> {
  return answer(api.POST('/v1/projects/{project}/installs/{code}:upgrade', { params: { path: { project, code } }, body }))
}

/** What undoing the last upgrade would do. */
export function planRollback(project: string, code: string): Promise<RollbackPlanView> {
  return answer(api.GET('/v1/projects/{project}/installs/{code}/rollback', { params: { path: { project, code } } }))
}

export function rollBackInstall(project: string, code: string): Promise<UpgradedView> {
  return answer(api.POST('/v1/projects/{project}/installs/{code}:rollback', { params: { path: { project, code } } }))
}

/** The newest first. */
export function listUpgrades(project: string, code: string): Promise<{ items: UpgradeView[] }> {
  return answer(api.GET('/v1/projects/{project}/installs/{code}/upgrades', { params: { path: { project, code } } }))
}

/** Which plugins are taken, by a project or, where it is null, by the platform. */
export function readPluginPolicy(project: string | null): Promise<PluginPolicyView> {
  return project === null
    ? refined<PluginPolicyView>(api.GET('/v1/plugin-policy'))
    : refined<PluginPolicyView>(api.GET('/v1/projects/{project}/plugin-policy', { params: { path: { project } } }))
}

export function putPluginPolicy(project: string | null, policy: PluginPolicyDocument, version: number): Promise<PluginPolicyView> {
  const body = { ...policy, version }
  return project === null
    ? refined<PluginPolicyView>(api.PUT('/v1/plugin-policy', { body }))
    : refined<PluginPolicyView>(api.PUT('/v1/projects/{project}/plugin-policy', { params: { path: { project } }, body }))
}

export function disablePlugin(project: string | null, code: string, reason: string): Promise<PluginPolicyView> {
  const body = { reason }
  return project === null
    ? refined<PluginPolicyView>(api.POST('/v1/plugins/{code}:disable', { params: { path: { code } }, body }))
    : refined<PluginPolicyView>(api.POST('/v1/projects/{project}/plugins/{code}:disable', { params: { path: { project, code } }, body }))
}

export function enablePlugin(project: string | null, code: string): Promise<PluginPolicyView> {
  return project === null
    ? refined<PluginPolicyView>(api.POST('/v1/plugins/{code}:enable', { params: { path: { code } } }))
    : refined<PluginPolicyView>(api.POST('/v1/projects/{project}/plugins/{code}:enable', { params: { path: { project, code } } }))
}
