// A time is typed in the zone of whoever types it, unless he says otherwise.
const zone = document.getElementById("field-zone");
const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && zone.value === "UTC" && own && !document.querySelector("[aria-invalid]")) zone.value = own;
