// Of Foundation this package uses what needs no data about languages, countries and calendars (FoundationEssentials), but
// libraries that it uses name all of Foundation. In a statically linked program ICU's data would then be 34 MB. `data.c` has the
// place of that data without any in it, as ICU provides for programs that need none ("stubdata"): what asks for a locale, a
// calendar by its name or a formatter would end the process. Source of the layout: ICU's unicode/udata.h and ucmndata.h.
