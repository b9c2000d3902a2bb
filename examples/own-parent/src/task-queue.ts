/** Where this example's own workflows run; the jobs run on the queues of provider-jobs. */
export const taskQueue = 'own-parent';
