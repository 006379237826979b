// @vitest-environment jsdom
import { beforeEach, expect, test } from 'vitest'
import { keepDraft, keptDraft } from './keptDraft'

const EMPTY = { manifest: '', readme: '', changelog: '' }
beforeEach(() => localStorage.clear())

test('a draft is there again after the page was left', () => {
  const draft = { manifest: 'code: it\n', readme: '# It\n', changelog: '' }
  keepDraft(draft)
  expect(keptDraft()).toEqual(draft)
  keepDraft(EMPTY)
  expect(keptDraft()).toEqual(EMPTY)
})

test.each(['{', 'null', '[]', '{"manifest": 1, "readme": "", "changelog": ""}'])('what is no draft is none: %s', (kept) => {
  localStorage.setItem('trunkline.plugin-draft', kept)
  expect(keptDraft()).toEqual(EMPTY)
})
