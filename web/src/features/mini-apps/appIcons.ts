import { Bell, Box, Cpu, DataLine, Key, Promotion, Tools, User } from '@element-plus/icons-vue'
import type { Component } from 'vue'
import type { MiniAppSummary } from '@/api/types'

export const APP_ICONS: Record<MiniAppSummary['icon'], Component> = {
  rocket: Promotion,
  box: Box,
  server: Cpu,
  key: Key,
  person: User,
  tool: Tools,
  chart: DataLine,
  bell: Bell,
}
