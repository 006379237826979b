import {
  Bell, Calendar, Check, CircleCheck, CircleClose, Clock, Close, CopyDocument, Delete, Document, DocumentAdd, Download, Edit, Filter, Finished,
  Folder, Hide, InfoFilled, Link, List, Location, Lock, Minus, More, Operation, Plus, Position, Printer, QuestionFilled, Rank, Refresh,
  RefreshLeft, RefreshRight, Search, Setting, Share, Star, SwitchButton, Timer, TopRight, Unlock, Upload, User, VideoPause, VideoPlay, View, Warning,
  ZoomIn, ZoomOut,
} from '@element-plus/icons-vue'
import type { Component } from 'vue'

/** Pictures by the names that BlueKing's fonts and Element have for them, without what those begin with. */
const PICTURES: Record<string, Component> = {
  add: Plus, bell: Bell, calendar: Calendar, check: Check, 'check-1': Check, 'circle-check': CircleCheck, 'circle-close': CircleClose,
  'circle-plus': Plus, 'circle-plus-outline': Plus, clock: Clock, close: Close, cog: Setting, copy: CopyDocument, 'copy-document': CopyDocument, date: Calendar, delete: Delete, document: Document,
  'document-add': DocumentAdd, download: Download, edit: Edit, 'edit-outline': Edit, eye: View, filter: Filter, finished: Finished, folder: Folder, funnel: Filter,
  hide: Hide, info: InfoFilled, 'jump-link': TopRight, link: Link, list: List, location: Location, lock: Lock, minus: Minus, more: More, 'no-eye': Hide,
  operation: Operation, pause: VideoPause, play: VideoPlay, plus: Plus, position: Position, printer: Printer, question: QuestionFilled, rank: Rank,
  refresh: Refresh, 'refresh-left': RefreshLeft, 'refresh-right': RefreshRight, save: Finished, search: Search, setting: Setting, share: Share, star: Star,
  'switch-button': SwitchButton, time: Clock, timer: Timer, trash: Delete, unlock: Unlock, upload: Upload, upload2: Upload, user: User, 'video-pause': VideoPause,
  'video-play': VideoPlay, view: View, warning: Warning, 'zoom-in': ZoomIn, 'zoom-out': ZoomOut,
}
const BEGINNING = /^(?:el-icon|common-icon|bk-icon|bk-sops-icon|icon|fa)-/

/** The picture that a form.js names as a class of a font; none where it has no like here. */
export function pictureOf(name: unknown): Component | undefined {
  if (typeof name !== 'string') return undefined
  const named = name.trim().split(/\s+/).map((word) => word.replace(BEGINNING, ''))
  const found = named.find((word) => Object.hasOwn(PICTURES, word))
  return found === undefined ? undefined : PICTURES[found]
}
