-- Four names of zones are abbreviations as well, which `at time zone` takes first and which know no summer: half of the year days were
-- counted by other hours than lists were asked for by. The service gives no tenant such a name any more. These are the places that the names stand for
-- in the IANA database; orders are counted anew by the trigger of the table.
update tenants
set timezone = case timezone
  when 'CET' then 'Europe/Brussels'
  when 'MET' then 'Europe/Brussels'
  when 'EET' then 'Europe/Athens'
  when 'WET' then 'Europe/Lisbon'
end
where timezone in ('CET', 'MET', 'EET', 'WET');
