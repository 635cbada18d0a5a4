import { noteStockOuts } from '@zhanggui/shared/forecast/stock-out-store.ts';
import { handle } from '../job.ts';

export default handle('note-stock-outs', async ({ sql, log, now }) => {
  const { begun, ended } = await noteStockOuts(sql, now.getTime());
  log.debug({ begun, ended }, 'times without stock noted');
});
