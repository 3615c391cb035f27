import { defineUi } from '@jackfield/admin-ui/sdk';
import { getCurrentInstance } from 'vue';
import BarPart from './BarPart.vue';

export default defineUi({
  pages: {
    CustomerList: () => import('./CustomerList.vue'),
    Broken: () => import('./BrokenPage.vue'),
  },
  slots: {
    Bar: BarPart,
    Talk: { component: () => import('./TalkPart.vue'), when: (context) => context.contact !== null },
    Card: { component: () => import('./CardPart.vue'), title: 'card' },
    History: { component: () => import('./BrokenPage.vue'), title: 'history' },
  },
  messages: {
    'zh-CN': {
      title: '客户列表',
      card: '客户资料',
      history: '历史记录',
      name: '姓名',
      phone: '电话',
      created: '创建时间',
      add: '新建客户',
      city: '城市',
      talk: '与 {name} 通话中',
    },
    en: {
      title: 'Customers',
      card: 'Customer',
      history: 'History',
      name: 'Name',
      phone: 'Phone',
      created: 'Created',
      add: 'New customer',
      city: 'City',
      talk: 'Talking to {name}',
    },
  },
  setup({ app }) {
    // Shows that host and plugin run on one Vue.
    Object.assign(globalThis, { fixtureVue: { version: app.version, getCurrentInstance } });
    return undefined;
  },
});
