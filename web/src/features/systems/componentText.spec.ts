import { expect, it } from 'vitest'
import { componentText } from './componentText'

const both = { title: 'Run a script', description: '', texts: { zh: { title: '执行脚本', doc: '说明' } } }

it('is told in the language in use, else plainly, else in whichever there is', () => {
  expect(componentText(both, 'title', 'zh')).toBe('执行脚本')
  expect(componentText(both, 'title', 'en')).toBe('Run a script')
  expect(componentText(both, 'doc', 'en')).toBe('说明')
  expect(componentText(both, 'description', 'zh')).toBe('')
})
