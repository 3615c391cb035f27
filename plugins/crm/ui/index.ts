import { defineUi } from '@jackfield/admin-ui/sdk';

export default defineUi({
  pages: { CustomersPage: () => import('./pages/CustomersPage.vue') },
  slots: {
    CustomerCard: {
      component: () => import('./slots/CustomerCard.vue'),
      title: 'card',
      when: ({ contact }) => contact !== null,
    },
    CustomerHistory: {
      component: () => import('./slots/CustomerHistory.vue'),
      title: 'history',
      when: ({ contact }) => contact !== null,
    },
  },
});
