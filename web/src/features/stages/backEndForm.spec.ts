import { describe, expect, it } from 'vitest'
import type { BackEndView } from '@/api/types'
import { fieldOf, formOf, needsApp, settingsOf } from './backEndForm'

const WAYS = [
  { through: 'esb', signing: ['bk-app', 'bk-hmac'], lacking: [] },
  { through: 'direct', signing: ['jwt'], lacking: [] },
]
const HERE: BackEndView = { back_end: 'embedded', through: null, release: '1.0.0', address: 'http://here', lacking: [], ways: WAYS }
const THERE: BackEndView = { ...HERE, back_end: 'blueking', through: 'direct', address: 'https://there' }

describe('the form of back ends', () => {
  it('starts with what answers now', () => {
    expect(formOf(HERE)).toMatchObject({ backEnd: 'embedded', through: 'esb', address: '' })
    expect(formOf(THERE)).toMatchObject({ backEnd: 'blueking', through: 'direct', address: 'https://there' })
  })

  it('sends nothing but its name for the embedded one', () => {
    expect(settingsOf({ ...formOf(THERE), backEnd: 'embedded' }, THERE)).toEqual({ back_end: 'embedded' })
  })

  it('sends the app where the way believes one', () => {
    const form = { ...formOf(HERE), backEnd: 'blueking' as const, address: ' https://esb ', appCode: 'tl', secret: 's', username: ' robot ' }
    const signing = { profile: 'bk-app', app_code: 'tl', app_secret: 's', username: 'robot' }
    expect(settingsOf(form, HERE)).toEqual({ back_end: 'blueking', through: 'esb', address: 'https://esb', signing, variables: {} })
    expect(settingsOf({ ...form, named: 'bk' }, HERE)).toMatchObject({ signing: { app_code: 'tl', secret_name: 'bk' } })
    expect(settingsOf({ ...form, appCode: '' }, HERE)).toMatchObject({ signing: null })
  })

  it('shows a problem at its field', () => {
    expect(['address', 'blueking.signing.bk-app.app_code', 'app_secret', 'through'].map(fieldOf)).toEqual(['address', 'appCode', 'secret', null])
  })

  it('asks for no app where the gateway signs with its own key', () => {
    expect([needsApp(HERE, 'esb'), needsApp(HERE, 'direct')]).toEqual([true, false])
    expect(settingsOf({ ...formOf(THERE), username: 'robot' }, THERE)).toMatchObject({ signing: { profile: 'jwt', username: 'robot' } })
  })
})
