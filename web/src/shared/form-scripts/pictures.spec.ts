import { Plus, TopRight, Upload } from '@element-plus/icons-vue'
import { expect, it } from 'vitest'
import { pictureOf } from './pictures'

it('finds pictures by the names of several fonts', () => {
  expect(['plus', 'el-icon-plus', 'bk-icon icon-plus', 'fa fa-plus'].map(pictureOf)).toEqual([Plus, Plus, Plus, Plus])
  expect(pictureOf('common-icon-jump-link')).toBe(TopRight)
  expect(pictureOf('el-icon-upload2')).toBe(Upload)
})

it('has none for other names', () => {
  expect(['el-icon-platform-eleme', 'constructor', '', ' ', 7, undefined, { plus: true }].map(pictureOf)).toEqual(Array(7).fill(undefined))
})
