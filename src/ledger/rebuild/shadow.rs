//! The shadow tables: made of the same shape as the live ones, and put in their place. Statements about tables are
//! written by the catalogue itself, so that whatever a migration adds to a table is carried over, or noticed.

use std::time::Duration;

use logistics_projections::Tables;
use sqlx::{Executor, PgConnection, PgPool};
use tokio::time::sleep;

use super::compare::TABLES;
use super::error::RebuildError;

/// Held for as long as a rebuild runs; one a database.
const REBUILD_LOCK: i64 = 0x7265_6275_696c_6400;

/// How often, and how long apart, a rebuild asks for it: whoever clears up after another holds it for a moment.
const CLAIMS_MAX: u32 = 6;
const CLAIM_PAUSE: Duration = Duration::from_millis(100);

/// What ends the names of indexes and constraints of a shadow, as it ends the names of the tables.
const SUFFIX: &str = "_shadow";

/// What can be made before the rows are there: the key, which writing needs.
const KEY: &str = "
  select format('alter table %I add constraint %I %s', $2, conname || $3, pg_get_constraintdef(oid))
  from pg_constraint where conrelid = $1::regclass and contype = 'p'";

/// What is made once the rows are there: making an index of them at once is cheaper than keeping it up to date.
const INDEXES: &str = "
  select format('alter table %I add constraint %I %s', $2, conname || $3, pg_get_constraintdef(oid))
  from pg_constraint where conrelid = $1::regclass and contype in ('u', 'x')
  union all
  select format('create %s index %I on %I %s', case when i.indisunique then 'unique' else '' end, c.relname || $3, $2,
                substr(d.definition, strpos(d.definition, ' USING ')))
  from pg_index i join pg_class c on c.oid = i.indexrelid
       cross join lateral (select pg_get_indexdef(i.indexrelid) as definition) d
  where i.indrelid = $1::regclass
    and not exists (select from pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x'))";

/// What the copy of a table leaves out: its settings, comment, owner, privileges, row security, and how thoroughly the server
/// looks at columns and at what indexes are made of.
const TRIMMINGS: &str = "
  select s.statement from pg_class live cross join lateral (
    select 1 as place, format('alter table %I set (%s)', $2, array_to_string(live.reloptions, ', ')) as statement
    where live.reloptions is not null
    union all
    select 2, format('comment on table %I is %L', $2, obj_description(live.oid, 'pg_class'))
    union all
    select 3, format('alter table %I owner to %I', $2, pg_get_userbyid(live.relowner))
    from pg_class shadow where shadow.oid = $2::regclass and shadow.relowner <> live.relowner
    union all
    select 4, format('revoke all on %I from %s', $2, coalesce(quote_ident(r.rolname), 'public'))
    from pg_class shadow cross join aclexplode(shadow.relacl) a left join pg_roles r on r.oid = a.grantee
    where shadow.oid = $2::regclass and a.grantee <> live.relowner
    union all
    select 5, format('grant %s on %I to %s%s', a.privilege_type, $2, coalesce(quote_ident(r.rolname), 'public'),
                     case when a.is_grantable then ' with grant option' else '' end)
    from aclexplode(live.relacl) a left join pg_roles r on r.oid = a.grantee
    union all
    select 5, format('grant %s (%I) on %I to %s%s', a.privilege_type, c.attname, $2,
                     coalesce(quote_ident(r.rolname), 'public'),
                     case when a.is_grantable then ' with grant option' else '' end)
    from pg_attribute c cross join aclexplode(c.attacl) a left join pg_roles r on r.oid = a.grantee
    where c.attrelid = live.oid and c.attnum > 0
    union all
    select 6, format('alter table %I enable row level security', $2) where live.relrowsecurity
    union all
    select 6, format('alter table %I force row level security', $2) where live.relforcerowsecurity
    union all
    select 6, format('alter table %I alter column %I set statistics %s', $2, c.attname, c.attstattarget)
    from pg_attribute c where c.attrelid = live.oid and c.attnum > 0 and not c.attisdropped and c.attstattarget >= 0
    union all
    select 6, format('alter index %I alter column %s set statistics %s', i.relname || $3, c.attnum, c.attstattarget)
    from pg_index k join pg_class i on i.oid = k.indexrelid join pg_attribute c on c.attrelid = i.oid
    where k.indrelid = live.oid and c.attstattarget >= 0
    union all
    select 7, format('create policy %I on %I as %s for %s to %s%s%s', p.policyname, $2, p.permissive, p.cmd,
                     (select string_agg(case when role = 'public' then 'public' else quote_ident(role) end, ', ')
                      from unnest(p.roles) role),
                     ' using (' || p.qual || ')', ' with check (' || p.with_check || ')')
    from pg_policies p where p.schemaname = live.relnamespace::regnamespace::text and p.tablename = live.relname
  ) s where live.oid = $1::regclass and s.statement is not null and $3 <> '' order by s.place";

/// Everything that makes up a table, a line a fact, with names as they are without the suffix.
const SHAPE: &str = "
  select f.fact from pg_class t cross join lateral (
    select format('column %s %s %s collation %s storage %s statistics %s default %s comment %s grants %s', a.attname,
                  format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attcollation, a.attstorage, coalesce(a.attstattarget, -1),
                  (select pg_get_expr(d.adbin, d.adrelid) from pg_attrdef d where d.adrelid = t.oid and d.adnum = a.attnum),
                  col_description(t.oid, a.attnum), (select array_agg(g::text order by g::text) from unnest(a.attacl) g))
           as fact
    from pg_attribute a where a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
    union all
    select format('constraint %s %s', regexp_replace(k.conname, $2 || '$', ''), pg_get_constraintdef(k.oid))
    from pg_constraint k where k.conrelid = t.oid
    union all
    select format('index %s unique %s %s statistics %s', regexp_replace(c.relname, $2 || '$', ''), i.indisunique,
                  substr(pg_get_indexdef(c.oid), strpos(pg_get_indexdef(c.oid), ' USING ')),
                  (select array_agg(coalesce(a.attstattarget, -1) order by a.attnum) from pg_attribute a where a.attrelid = c.oid))
    from pg_index i join pg_class c on c.oid = i.indexrelid where i.indrelid = t.oid
    union all
    select format('trigger %s', g.tgname) from pg_trigger g
    where g.tgrelid = t.oid and not g.tgisinternal
      and g.tgfoid <> 'count_logistics_orders'::regproc
    union all
    select format('policy %s %s %s %s %s %s', p.policyname, p.permissive, p.roles, p.cmd, p.qual, p.with_check)
    from pg_policies p where p.schemaname = t.relnamespace::regnamespace::text and p.tablename = t.relname
    union all
    select format('table owner %s persistence %s settings %s row security %s %s comment %s grants %s', t.relowner,
                  t.relpersistence, (select array_agg(o order by o) from unnest(t.reloptions) o), t.relrowsecurity,
                  t.relforcerowsecurity, obj_description(t.oid, 'pg_class'),
                  (select array_agg(g::text order by g::text) from unnest(t.relacl) g))
  ) f where t.oid = $1::regclass order by f.fact";

/// The triggers that count the shadow, under the next generation.
const COUNTING: &str = "
  select format('create trigger %I after %s on %I referencing %s for each statement execute function count_logistics_orders(%L)',
                t.name, t.deed, $1, t.tables, (g.generation + 1)::text)
  from logistics_order_generation g
  cross join (values ('count_inserted', 'insert', 'new table as new_orders'),
                     ('count_updated', 'update', 'old table as old_orders new table as new_orders'))
             as t(name, deed, tables)";

/// Commits note what they change themselves, so the table that people read needs no trigger; and what was noted of the table
/// that goes is counted in the one that comes.
const COUNTED: &str = "
  drop trigger count_inserted on logistics_orders;
  drop trigger count_updated on logistics_orders;
  delete from logistics_order_count_changes;
  update logistics_order_generation set generation = generation + 1";

/// Makes sure that no other rebuild runs, for as long as the connection lives.
pub(super) async fn claim(connection: &mut PgConnection) -> Result<(), RebuildError> {
    let claimed: bool = sqlx::query_scalar("select pg_try_advisory_lock($1)")
        .bind(REBUILD_LOCK)
        .fetch_one(connection)
        .await?;
    if claimed { Ok(()) } else { Err(RebuildError::AlreadyRunning) }
}

/// The same for who has something to rebuild, and waits for a moment.
pub(super) async fn claim_soon(connection: &mut PgConnection) -> Result<(), RebuildError> {
    for _ in 1..CLAIMS_MAX {
        match claim(connection).await {
            Err(RebuildError::AlreadyRunning) => sleep(CLAIM_PAUSE).await,
            outcome => return outcome,
        }
    }
    claim(connection).await
}

/// Whether any of them is there.
pub(super) async fn exist(pool: &PgPool) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "select exists (select from unnest($1::text[]) as told (name) where to_regclass(name) is not null)",
    )
    .bind(TABLES.map(|(_, shadow, ..)| shadow))
    .fetch_one(pool)
    .await
}

/// Lets the next rebuild begin at once: the server notices late that a connection has gone.
pub(super) async fn release(connection: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query("select pg_advisory_unlock($1)").bind(REBUILD_LOCK).execute(connection).await.map(drop)
}

/// Drops what an earlier rebuild left behind.
pub(super) async fn clear(connection: &mut PgConnection) -> sqlx::Result<()> {
    let shadows = TABLES.map(|(_, shadow, ..)| shadow).join(", ");
    connection.execute(format!("drop table if exists {shadows}").as_str()).await?;
    let others = "delete from logistics_order_counts \
                  where generation <> (select generation from logistics_order_generation)";
    connection.execute(others).await.map(drop)
}

/// Makes empty shadows.
pub(super) async fn make(connection: &mut PgConnection) -> sqlx::Result<()> {
    for (live, shadow, ..) in TABLES {
        let copy = format!("create table {shadow} (like {live} including all excluding indexes)");
        connection.execute(copy.as_str()).await?;
        run(connection, KEY, live, shadow).await?;
    }
    Ok(())
}

/// Gives the filled shadows everything else that the live tables have.
pub(super) async fn finish(connection: &mut PgConnection) -> sqlx::Result<()> {
    for (live, shadow, ..) in TABLES {
        run(connection, INDEXES, live, shadow).await?;
        run(connection, TRIMMINGS, live, shadow).await?;
        connection.execute(format!("analyze {shadow}").as_str()).await?;
    }
    Ok(())
}

async fn run(
    connection: &mut PgConnection,
    statements_of: &'static str,
    live: &str,
    shadow: &str,
) -> sqlx::Result<()> {
    let statements: Vec<String> = sqlx::query_scalar(statements_of)
        .bind(live)
        .bind(shadow)
        .bind(SUFFIX)
        .fetch_all(&mut *connection)
        .await?;
    for statement in statements {
        connection.execute(statement.as_str()).await?;
    }
    Ok(())
}

/// Refuses shadows that are not like the live tables in everything but their names.
pub(super) async fn check_shape(connection: &mut PgConnection) -> Result<(), RebuildError> {
    for (live, shadow, ..) in TABLES {
        let (have, want) = (shape(connection, shadow).await?, shape(connection, live).await?);
        let missing = want.iter().find(|fact| !have.contains(fact));
        let surplus = have.iter().find(|fact| !want.contains(fact));
        if let Some(what) = missing.or(surplus) {
            return Err(RebuildError::ShapeDiffers { table: live, what: what.clone() });
        }
    }
    Ok(())
}

async fn shape(connection: &mut PgConnection, table: &str) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(SHAPE).bind(table).bind(SUFFIX).fetch_all(connection).await
}

/// Counts the filled shadow of orders under the next generation, and from then on with every statement.
pub(super) async fn count(connection: &mut PgConnection) -> sqlx::Result<()> {
    let shadow = Tables::Shadow.orders();
    sqlx::query(
        "select recount_logistics_orders($1::text::regclass, generation + 1, null) from logistics_order_generation",
    )
    .bind(shadow)
    .execute(&mut *connection)
    .await?;
    let triggers: Vec<String> = sqlx::query_scalar(COUNTING).bind(shadow).fetch_all(&mut *connection).await?;
    for trigger in triggers {
        connection.execute(trigger.as_str()).await?;
    }
    Ok(())
}

/// Counts a tenant's shadow again, by its present zone.
pub(super) async fn count_again(connection: &mut PgConnection, tenant: i64) -> sqlx::Result<()> {
    sqlx::query(
        "select recount_logistics_orders($1::text::regclass, generation + 1, $2) from logistics_order_generation",
    )
    .bind(Tables::Shadow.orders())
    .bind(tenant)
    .execute(connection)
    .await
    .map(drop)
}

/// Makes the texts that searches look in those of the shadow: of these orders, or of all that did not move on meanwhile. In the
/// order of orders, as commits write them, so that neither waits for the other in a circle.
pub(super) async fn repair_searches(
    connection: &mut PgConnection,
    orders: Option<&[String]>,
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into logistics_order_searches as held (logistics_order_id, tenant_id, search_text) \
         select told.id, told.tenant_id, told.search_text from logistics_orders_shadow told \
         left join logistics_order_searches shown on shown.logistics_order_id = told.id \
         where ($1::text[] is null or told.id = any($1::text[]::uuid[])) \
           and (shown.tenant_id, shown.search_text) is distinct from (told.tenant_id, told.search_text) \
           and ($1::text[] is not null or not exists \
             (select from logistics_orders live where live.id = told.id and live.version > told.version)) \
         order by told.id \
         on conflict (logistics_order_id) \
         do update set tenant_id = excluded.tenant_id, search_text = excluded.search_text",
    )
    .bind(orders)
    .execute(connection)
    .await
    .map(drop)
}

/// Puts the shadows in the place of the live tables, in the transaction that is open.
pub(super) async fn replace(connection: &mut PgConnection) -> Result<(), RebuildError> {
    let lives = TABLES.map(|(live, ..)| live).join(", ");
    connection.execute(format!("lock table {lives} in access exclusive mode").as_str()).await?;
    check_shape(connection).await?;
    let renamings: Vec<String> = sqlx::query_scalar(
        "select format('alter index %I rename to %I', c.relname, regexp_replace(c.relname, $2 || '$', '')) \
         from pg_index i join pg_class c on c.oid = i.indexrelid where i.indrelid = any($1::text[]::regclass[])",
    )
    .bind(TABLES.map(|(_, shadow, ..)| shadow))
    .bind(SUFFIX)
    .fetch_all(&mut *connection)
    .await?;
    connection.execute(format!("drop table {lives}").as_str()).await?;
    for (live, shadow, ..) in TABLES {
        connection.execute(format!("alter table {shadow} rename to {live}").as_str()).await?;
    }
    for statement in renamings {
        connection.execute(statement.as_str()).await?;
    }
    connection.execute(COUNTED).await?;
    Ok(())
}
