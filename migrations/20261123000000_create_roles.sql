-- The role the service works under. Migrations run as the connecting user, the owner of every table;
-- the service then does `set role ledger_app` and has only what each migration grants to that role.
--
-- Roles belong to the whole server, so two databases of one server may run this at the same moment:
-- whoever comes second finds the work done.
do $$
declare
    may_take_the_role boolean;
begin
    if not exists (select from pg_catalog.pg_roles where rolname = 'ledger_app') then
        begin
            create role ledger_app nologin;
            comment on role ledger_app is
                'What the logistics ledger works under: no log-in, and only what its migrations grant.';
        exception
            when duplicate_object or unique_violation then
                null;
            when insufficient_privilege then
                raise exception 'the role ledger_app is missing and % may not create roles', current_user
                    using hint = format(
                        'Run as an administrator: create role ledger_app nologin; grant ledger_app to %I;',
                        current_user);
        end;
    end if;

    -- From 16 on a role may be held without the right to take it; before, to be a member was enough.
    if current_setting('server_version_num')::int >= 160000 then
        may_take_the_role := pg_has_role(current_user, 'ledger_app', 'SET');
    else
        may_take_the_role := pg_has_role(current_user, 'ledger_app', 'MEMBER');
    end if;

    if not may_take_the_role then
        begin
            execute format('grant ledger_app to %I', current_user);
        exception
            when unique_violation then
                null;
            when insufficient_privilege then
                raise exception '% may not take the role ledger_app', current_user
                    using hint = format('Run as an administrator: grant ledger_app to %I;', current_user);
        end;
    end if;
end
$$;

grant usage on schema public to ledger_app;
