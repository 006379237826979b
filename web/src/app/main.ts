import '@fontsource-variable/inter'
import 'element-plus/dist/index.css'
import './theme.css'
import { VueQueryPlugin } from '@tanstack/vue-query'
import { createApp } from 'vue'
import App from './App.vue'
import { i18n } from './i18n'
import { queryClient } from './queryClient'
import { router } from './router'

createApp(App).use(VueQueryPlugin, { queryClient }).use(i18n).use(router).mount('#app')
