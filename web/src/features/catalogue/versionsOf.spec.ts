import { expect, it } from 'vitest'
import type { PluginView } from '@/api/types'
import { versionsOf } from './versionsOf'

const plugin: PluginView = { code: 'p', name: 'P', description: '', latest_version: '1.1.0', tags: [], publisher: 'x', installs: 0 }

it('reads names and documents and always has the latest', () => {
  expect(versionsOf({ ...plugin, versions: ['1.1.0', '1.0.0'] })).toEqual(['1.1.0', '1.0.0'])
  expect(versionsOf({ ...plugin, versions: [{ version: '1.0.0' }] })).toEqual(['1.1.0', '1.0.0'])
  expect(versionsOf(plugin)).toEqual(['1.1.0'])
})
