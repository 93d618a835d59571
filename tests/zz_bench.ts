import { rmSync } from 'node:fs';
import { openStore } from '../src/store/open.ts';
import * as r from './support/databaseRecords.ts';
for (const durable of [true,false]) {
rmSync('/work/exp-x',{recursive:true,force:true});
let t=performance.now();
const store = await openStore({ dataDir: '/work/exp-x', durable }); await store.migrate(); console.log('durable',durable,'first open', performance.now()-t|0);
await r.furnish(store);
await store.transaction(async (s)=>{ for(let i=0;i<1000;i++) await s.insertGrant(r.aGrant({id:'gr_'+i})); });
let c=[],w=[];
for(let i=0;i<2;i++){ t=performance.now(); const b=await store.claimDue({now:r.START_AT,owner:'x',leaseMs:1000,limit:500}); c.push(performance.now()-t|0); t=performance.now(); await store.applyOutcomes(b.map(g=>({grant:{...g,dueAt:null},activity:[r.anActivity()]}))); w.push(performance.now()-t|0);}
t=performance.now(); for(let i=0;i<300;i++) await store.insertClient(r.aClient({id:'cx'+i})); console.log('claim500',c,'write500',w,'single inserts/s',300/(performance.now()-t)*1000|0);
await store.close();
t=performance.now(); const again=await openStore({dataDir:'/work/exp-x',durable}); await again.ping(); console.log('reopen',performance.now()-t|0); await again.close();
}
rmSync('/work/exp-x',{recursive:true,force:true});
