import { createRouter, createWebHistory, type RouteLocationNormalized, type RouteRecordRaw } from 'vue-router'
import { readSession, whenSignedOut } from '@/api/session'
import { adoptLanguage } from '@/shared/session/language'
import { SESSION } from '@/shared/session/useSession'
import { queryClient } from './queryClient'

declare module 'vue-router' {
  interface RouteMeta {
    /** Message key of the page's name. */
    title?: string
    /** The navigation entry that is lit while this page is open. */
    section?: string
    open?: boolean
  }
}

// The server keeps /systems for the embedded systems' own addresses, so systems are shown under /registry.
const pages: RouteRecordRaw[] = [
  { path: '', name: 'home', component: () => import('@/features/launch/HomePage.vue'), meta: { title: 'app.nav.launch', section: 'home' } },
  { path: 'launch/:flow', name: 'launch', props: true, component: () => import('@/features/launch/LaunchPage.vue'), meta: { title: 'app.nav.launch', section: 'home' } },
  { path: 'launch/:flow/in/:project', name: 'launch-common', props: true, component: () => import('@/features/launch/LaunchPage.vue'), meta: { title: 'app.nav.launch', section: 'flows' } },
  { path: 'tasks', name: 'tasks', component: () => import('@/features/tasks/TasksPage.vue'), meta: { title: 'app.nav.tasks', section: 'tasks' } },
  { path: 'tasks/:task', name: 'task', props: true, component: () => import('@/features/tasks/TaskPage.vue'), meta: { title: 'app.nav.tasks', section: 'tasks' } },
  { path: 'archive', name: 'archive', component: () => import('@/features/archive/ArchivePage.vue'), meta: { title: 'app.nav.archive', section: 'archive' } },
  { path: 'archive/:task', name: 'archived-task', props: true, component: () => import('@/features/archive/ArchivedTaskPage.vue'), meta: { title: 'app.nav.archive', section: 'archive' } },
  { path: 'limits', name: 'limits', component: () => import('@/features/quotas/LimitsPage.vue'), meta: { title: 'app.nav.limits', section: 'limits' } },
  { path: 'quotas', name: 'quotas', component: () => import('@/features/quotas/QuotasPage.vue'), meta: { title: 'app.nav.quotas', section: 'quotas' } },
  { path: 'task-health', name: 'task-health', component: () => import('@/features/task-health/TaskHealthPage.vue'), meta: { title: 'app.nav.taskHealth', section: 'task-health' } },
  { path: 'flows', name: 'flows', component: () => import('@/features/flows/FlowsPage.vue'), meta: { title: 'app.nav.flows', section: 'flows' } },
  { path: 'project-variables', name: 'project-variables', component: () => import('@/features/project-variables/ProjectVariablesPage.vue'), meta: { title: 'projectVariables.title', section: 'flows' } },
  { path: 'common-flows', name: 'common-flows', component: () => import('@/features/common-flows/CommonFlowsPage.vue'), meta: { title: 'commonFlows.title', section: 'flows' } },
  { path: 'flows/:flow', name: 'flow', props: ({ params }) => ({ id: params.flow }), component: () => import('@/features/flows/FlowPage.vue'), meta: { title: 'app.nav.flows', section: 'flows' } },
  { path: 'flows/:flow/compare/:before/:after', name: 'flow-compare', props: ({ params }) => ({ id: params.flow, before: params.before, after: params.after }), component: () => import('@/features/flows/ComparePage.vue'), meta: { title: 'app.nav.flows', section: 'flows' } },
  { path: 'statistics', name: 'statistics', component: () => import('@/features/insight/StatisticsPage.vue'), meta: { title: 'app.nav.statistics', section: 'statistics' } },
  { path: 'updates', name: 'updates', props: ({ query }) => ({ flow: String(query.flow ?? '') }), component: () => import('@/features/updates/UpdatesPage.vue'), meta: { title: 'updates.title', section: 'flows' } },
  { path: 'mini-apps', name: 'mini-apps', component: () => import('@/features/mini-apps/MiniAppsPage.vue'), meta: { title: 'app.nav.miniApps', section: 'mini-apps' } },
  { path: 'ask/:flow', name: 'ask', props: true, component: () => import('@/features/requests/AskPage.vue'), meta: { title: 'app.nav.requests', section: 'home' } },
  { path: 'requests/:request?', name: 'requests', props: ({ params }) => ({ request: params.request ?? '' }), component: () => import('@/features/requests/RequestsPage.vue'), meta: { title: 'app.nav.requests', section: 'requests' } },
  { path: 'apps/:code', name: 'mini-app', props: true, component: () => import('@/features/mini-apps/AppPage.vue'), meta: { title: 'app.nav.miniApps', section: 'home' } },
  { path: 'apps/:code/runs/:task', name: 'mini-app-run', props: true, component: () => import('@/features/mini-apps/RunPage.vue'), meta: { title: 'app.nav.miniApps', section: 'home' } },
  { path: 'schedules', name: 'schedules', component: () => import('@/features/schedules/SchedulesPage.vue'), meta: { title: 'app.nav.schedules', section: 'schedules' } },
  { path: 'triggers', name: 'triggers', component: () => import('@/features/triggers/TriggersPage.vue'), meta: { title: 'app.nav.triggers', section: 'triggers' } },
  { path: 'catalogue', name: 'catalogue', component: () => import('@/features/catalogue/CataloguePage.vue'), meta: { title: 'app.nav.catalogue', section: 'catalogue' } },
  { path: 'catalogue/:plugin', name: 'plugin', props: ({ params }) => ({ code: params.plugin }), component: () => import('@/features/catalogue/PluginPage.vue'), meta: { title: 'app.nav.catalogue', section: 'catalogue' } },
  { path: 'new-plugin', name: 'new-plugin', component: () => import('@/features/plugin-editor/PluginEditorPage.vue'), meta: { title: 'pluginEditor.title', section: 'catalogue' } },
  { path: 'plugin-review', name: 'plugin-review', component: () => import('@/features/plugin-review/PluginReviewPage.vue'), meta: { title: 'pluginReview.title', section: 'catalogue' } },
  { path: 'catalogue-keeping', name: 'catalogue-keeping', component: () => import('@/features/catalogue-keeping/KeepingPage.vue'), meta: { title: 'catalogueKeeping.title', section: 'catalogue' } },
  { path: 'form-preview', name: 'form-preview', component: () => import('@/features/form-preview/FormPreviewPage.vue'), meta: { title: 'formPreview.title', section: 'catalogue' } },
  { path: 'hosted-plugins', name: 'hosted-plugins', component: () => import('@/features/hosting/HostingPage.vue'), meta: { title: 'app.nav.hosting', section: 'hosted-plugins' } },
  { path: 'installs', name: 'installs', component: () => import('@/features/installs/InstallsPage.vue'), meta: { title: 'app.nav.installs', section: 'installs' } },
  { path: 'registry', name: 'systems', component: () => import('@/features/systems/SystemsPage.vue'), meta: { title: 'app.nav.systems', section: 'systems' } },
  { path: 'registry/:system/:tab?', name: 'system', props: ({ params }) => ({ name: params.system, tab: params.tab ?? '' }), component: () => import('@/features/systems/SystemPage.vue'), meta: { title: 'app.nav.systems', section: 'systems' } },
  { path: 'apps', name: 'apps', component: () => import('@/features/apps/AppsPage.vue'), meta: { title: 'app.nav.apps', section: 'apps' } },
  { path: 'grants', name: 'grants', component: () => import('@/features/grants/GrantsPage.vue'), meta: { title: 'app.nav.grants', section: 'grants' } },
  { path: 'applications', name: 'applications', component: () => import('@/features/applications/ApplicationsPage.vue'), meta: { title: 'app.nav.applications', section: 'applications' } },
  { path: 'components', name: 'components', component: () => import('@/features/access-catalogue/ComponentsPage.vue'), meta: { title: 'app.nav.components', section: 'components' } },
  { path: 'agents', name: 'agents', component: () => import('@/features/agents/AgentsPage.vue'), meta: { title: 'app.nav.agents', section: 'agents' } },
  { path: 'trust', name: 'trust', component: () => import('@/features/trust/TrustPage.vue'), meta: { title: 'app.nav.trust', section: 'trust' } },
  { path: 'members', name: 'members', component: () => import('@/features/members/MembersPage.vue'), meta: { title: 'app.nav.members', section: 'members' } },
  { path: 'people', name: 'people', component: () => import('@/features/people/PeoplePage.vue'), meta: { title: 'app.nav.people', section: 'people' } },
  { path: 'identity-providers', name: 'identity-providers', component: () => import('@/features/identity-providers/ProvidersPage.vue'), meta: { title: 'app.nav.providers', section: 'identity-providers' } },
  { path: 'account', name: 'account', component: () => import('@/features/account/AccountPage.vue'), meta: { title: 'app.nav.account' } },
  { path: 'audit', name: 'audit', component: () => import('@/features/audit/AuditPage.vue'), meta: { title: 'app.nav.audit', section: 'audit' } },
  { path: 'consents', name: 'consents', component: () => import('@/features/consents/ConsentsPage.vue'), meta: { title: 'consents.title' } },
  { path: 'in-your-name', name: 'executors', component: () => import('@/features/executors/ExecutorsPage.vue'), meta: { title: 'executors.title' } },
  { path: ':rest(.*)*', name: 'missing', component: () => import('./shell/MissingPage.vue') },
]

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: '/sign-in', name: 'sign-in', component: () => import('@/features/sign-in/SignInPage.vue'), meta: { open: true, title: 'signIn.title' } },
    { path: '/device', name: 'device', component: () => import('@/features/device/DevicePage.vue'), meta: { title: 'device.title' } },
    { path: '/consent', name: 'consent', component: () => import('@/features/consent/ConsentPage.vue') },
    { path: '/set-password', name: 'set-password', component: () => import('@/features/set-password/SetPasswordPage.vue'), meta: { open: true, title: 'setPassword.title' } },
    { path: '/', component: () => import('./shell/AppShell.vue'), children: pages },
  ],
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
})

function toSignIn(target: RouteLocationNormalized) {
  const redirect = target.fullPath === '/' ? undefined : target.fullPath
  return { name: 'sign-in', query: redirect === undefined ? {} : { redirect } }
}

router.beforeEach(async (to) => {
  if (to.meta.open) return true
  // An unreachable server is shown by the page itself, not by a blank screen.
  const session = await queryClient
    .ensureQueryData({ queryKey: SESSION, queryFn: readSession, staleTime: 60_000 })
    .catch(() => undefined)
  if (session === null || session === undefined || session.user.must_change_password) return toSignIn(to)
  adoptLanguage(session.user.language)
  return true
})

whenSignedOut(() => {
  queryClient.clear()
  queryClient.setQueryData(SESSION, null)
  const here = router.currentRoute.value
  if (!here.meta.open) void router.push(toSignIn(here))
})
