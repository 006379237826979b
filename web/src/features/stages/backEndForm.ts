import type { BackEndSettings, BackEndView, SigningSettings } from '@/api/types'

export interface BackEndForm {
  backEnd: 'embedded' | 'blueking'
  through: string
  address: string
  appCode: string
  secret: string
  /** The named secret in place of one typed here; empty for none. */
  named: string
  username: string
}

/** The way the form names; the first one there is until somebody chooses. */
export function wayOf(view: BackEndView, through: string) {
  return view.ways.find((way) => way.through === through) ?? view.ways[0]
}

/** Whether an app's credentials are asked for: otherwise the gateway signs with a key of its own. */
export function needsApp(view: BackEndView, through: string): boolean {
  return wayOf(view, through)?.signing.includes('bk-app') ?? false
}

const FIELDS = new Map<string, keyof BackEndForm>([
  ['address', 'address'], ['app_code', 'appCode'], ['app_secret', 'secret'], ['secret_name', 'secret'], ['username', 'username'],
])

/** The field a problem of the server's is shown at; its path has the body's parts: `blueking.signing.bk-app.app_code`. */
export function fieldOf(path: string): keyof BackEndForm | null {
  return FIELDS.get(path.split('.').at(-1) ?? '') ?? null
}

/** Starts with what answers now. */
export function formOf(view: BackEndView): BackEndForm {
  const isThere = view.back_end === 'blueking'
  return {
    backEnd: view.back_end ?? 'embedded',
    through: view.through ?? view.ways[0]?.through ?? '',
    address: isThere ? view.address : '',
    appCode: '',
    secret: '',
    named: '',
    username: '',
  }
}

/** What is sent. An app that isn't named keeps the stage's signing. */
export function settingsOf(form: BackEndForm, view: BackEndView): BackEndSettings {
  if (form.backEnd === 'embedded') return { back_end: 'embedded' }
  const address = form.address.trim()
  return { back_end: 'blueking', through: form.through, address: address === '' ? null : address, signing: signingOf(form, view), variables: {} }
}

function signingOf(form: BackEndForm, view: BackEndView): SigningSettings | null {
  const username = form.username.trim() === '' ? {} : { username: form.username.trim() }
  if (!needsApp(view, form.through)) return { profile: 'jwt', issuer: 'APIGW', kid: 'system', ...username }
  const appCode = form.appCode.trim()
  if (appCode === '') return null
  const secret = form.named === '' ? { app_secret: form.secret } : { secret_name: form.named }
  return { profile: 'bk-app', app_code: appCode, ...secret, ...username }
}
