import { answer, api, given, refined } from './client'
import type { BundleReport, CatalogueDelivery, CatalogueWebhook, CatalogueWebhookBody, MirrorBody, MirroredVersion, MirrorView, NamespaceView, Page, PublisherIdentity, PublisherIdentityBody, PublisherView } from './types'

export function listPublishers(cursor: string | null = null): Promise<Page<PublisherView>> {
  return answer(api.GET('/v1/publishers', { params: { query: { ...given({ cursor }), limit: 50 } } }))
}

/** Says whose domain a publisher is; the record that has to stand in its DNS is in the answer. */
export function claimDomain(publisher: string, domain: string): Promise<PublisherView> {
  return answer(api.PUT('/v1/publishers/{publisher}/domain', { params: { path: { publisher } }, body: { domain } }))
}

export function verifyPublisher(publisher: string): Promise<PublisherView> {
  return answer(api.POST('/v1/publishers/{publisher}:verify', { params: { path: { publisher } } }))
}

/** Whose tokens publish under a publisher's name. */
export function listIdentities(publisher: string): Promise<Page<PublisherIdentity>> {
  return answer(api.GET('/v1/publishers/{publisher}/identities', { params: { path: { publisher } } }))
}

export function addIdentity(publisher: string, body: PublisherIdentityBody): Promise<PublisherIdentity> {
  return answer(api.POST('/v1/publishers/{publisher}/identities', { params: { path: { publisher } }, body }))
}

export async function removeIdentity(publisher: string, identity: string): Promise<object> {
  await answer(api.DELETE('/v1/publishers/{publisher}/identities/{identity}', { params: { path: { publisher, identity } } }))
  return {}
}

export function listNamespaces(): Promise<Page<NamespaceView>> {
  return answer(api.GET('/v1/plugin-namespaces'))
}

export function reserveNamespace(prefix: string, publishers: string[]): Promise<NamespaceView> {
  return answer(api.PUT('/v1/plugin-namespaces/{prefix}', { params: { path: { prefix } }, body: { publishers } }))
}

export async function releaseNamespace(prefix: string): Promise<object> {
  await answer(api.DELETE('/v1/plugin-namespaces/{prefix}', { params: { path: { prefix } } }))
  return {}
}

export function listMirrors(): Promise<Page<MirrorView>> {
  return refined<Page<MirrorView>>(api.GET('/v1/plugin-mirrors'))
}

export function putMirror(name: string, body: MirrorBody): Promise<MirrorView> {
  return refined<MirrorView>(api.PUT('/v1/plugin-mirrors/{name}', { params: { path: { name } }, body }))
}

/** Has it followed at once, and what was refused tried again. */
export function syncMirror(name: string): Promise<MirrorView> {
  return refined<MirrorView>(api.POST('/v1/plugin-mirrors/{name}:sync', { params: { path: { name } } }))
}

export async function removeMirror(name: string): Promise<object> {
  await answer(api.DELETE('/v1/plugin-mirrors/{name}', { params: { path: { name } } }))
  return {}
}

export function listMirroredVersions(name: string): Promise<Page<MirroredVersion>> {
  return answer(api.GET('/v1/plugin-mirrors/{name}/versions', { params: { path: { name } } }))
}

export function listCatalogueWebhooks(): Promise<Page<CatalogueWebhook>> {
  return refined<Page<CatalogueWebhook>>(api.GET('/v1/catalogue-webhooks'))
}

/** Its secret is told this once. */
export function createCatalogueWebhook(body: CatalogueWebhookBody): Promise<CatalogueWebhook & { secret: string }> {
  return refined<CatalogueWebhook & { secret: string }>(api.POST('/v1/catalogue-webhooks', { body }))
}

export function putCatalogueWebhook(webhook_id: string, body: CatalogueWebhookBody): Promise<CatalogueWebhook> {
  return refined<CatalogueWebhook>(api.PUT('/v1/catalogue-webhooks/{webhook_id}', { params: { path: { webhook_id } }, body }))
}

export function rotateCatalogueSecret(webhook_id: string): Promise<{ secret: string }> {
  return answer(api.POST('/v1/catalogue-webhooks/{webhook_id}:rotate-secret', { params: { path: { webhook_id } } }))
}

export async function removeCatalogueWebhook(webhook_id: string): Promise<object> {
  await answer(api.DELETE('/v1/catalogue-webhooks/{webhook_id}', { params: { path: { webhook_id } } }))
  return {}
}

export function listCatalogueDeliveries(webhook_id: string): Promise<Page<CatalogueDelivery>> {
  return answer(api.GET('/v1/catalogue-webhooks/{webhook_id}/deliveries', { params: { path: { webhook_id } } }))
}

export function sendCatalogueAgain(webhook_id: string, delivery_id: string): Promise<CatalogueDelivery> {
  return answer(api.POST('/v1/catalogue-webhooks/{webhook_id}/deliveries/{delivery_id}:send-again', { params: { path: { webhook_id, delivery_id } } }))
}

function bundleBody(bundle: Blob) {
  return {
    body: bundle as unknown as string, // the document calls a binary body a string
    bodySerializer: (body: string) => body,
    headers: { 'Content-Type': 'application/zip' },
  }
}

/** What taking a bundle would come to, package by package; changes nothing. */
export function previewBundle(bundle: Blob): Promise<BundleReport> {
  return refined<BundleReport>(api.POST('/v1/plugin-bundles:preview', bundleBody(bundle)))
}

/** Publishes every package of a bundle, or none. */
export function takeBundle(bundle: Blob): Promise<BundleReport> {
  return refined<BundleReport>(api.POST('/v1/plugin-bundles', bundleBody(bundle)))
}
