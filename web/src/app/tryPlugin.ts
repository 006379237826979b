import '@fontsource-variable/inter'
import 'element-plus/dist/index.css'
import './theme.css'
import { VueQueryPlugin } from '@tanstack/vue-query'
import { createApp } from 'vue'
import TryPage from '@/features/plugin-try/TryPage.vue'
import { i18n } from './i18n'
import { queryClient } from './queryClient'

/** The page that `trunkline plugin serve` shows: a plugin's process serves it, not the server of the console. */
createApp(TryPage).use(VueQueryPlugin, { queryClient }).use(i18n).mount('#app')
