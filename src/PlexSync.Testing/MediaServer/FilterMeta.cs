using PlexSync.Testing.Hosting;

namespace PlexSync.Testing.MediaServer;

/// <summary>
/// What a section can be filtered and sorted by, for clients that ask with includeMeta=1 and check against it, as python-plexapi does
/// (plex-facts §4.3).
/// </summary>
internal static class FilterMeta
{
    private static readonly (string Type, string[] Operators)[] FieldTypes =
    [
        ("boolean", ["=", "!="]),
        ("integer", ["=", "!=", ">>=", "<<="]),
        ("string", ["=", "!=", "==", "!==", "<=", ">="]),
        ("date", ["<<=", ">>="]),
    ];

    private static readonly (string Name, string Type)[] Fields =
    [
        ("title", "string"), ("unwatched", "boolean"), ("inProgress", "boolean"), ("viewCount", "integer"), ("userRating", "integer"),
        ("year", "integer"), ("lastViewedAt", "date"), ("addedAt", "date"),
    ];

    public static Element For(SimulatedLibrary library)
    {
        var meta = new Element("Meta");
        foreach (var (type, number) in TypesOf(library.Type)) meta.Add(
            Type(library, type, $"/library/sections/{library.Key}/all?type={number}"));
        return AddFieldTypes(meta);
    }

    public static Element ForCollections(SimulatedLibrary library) =>
        AddFieldTypes(new Element("Meta").Add(Type(library, "collection", $"/library/sections/{library.Key}/all?type=18")));

    private static (string Type, int Number)[] TypesOf(string libraryType) => libraryType switch
    {
        "show" => [("show", 2), ("season", 3), ("episode", 4)],
        "artist" => [("artist", 8), ("album", 9), ("track", 10)],
        _ => [("movie", 1)],
    };

    private static Element Type(SimulatedLibrary library, string type, string key)
    {
        var prefix = type == "movie" ? "" : $"{type}.";
        return new Element("Type").Set("key", key).Set("type", type).Set("title", type).Set("active", type == library.Type)
            .AddAll(Fields.Where(field => field.Type == "boolean").Select(field => new Element("Filter").Set("filter", field.Name)
                .Set("filterType", field.Type).Set("key", $"/library/sections/{library.Key}/{field.Name}").Set("title", field.Name)
                    .Set("type", "filter")))
            .AddAll(Fields.Where(field => field.Type != "boolean").Select(field => new Element("Sort").Set("key", field.Name)
                .Set("descKey", $"{field.Name}:desc").Set("defaultDirection", field.Type == "date" ? "desc" : "asc")
                    .Set("title", field.Name)))
            .AddAll(
                Fields.Select(
                    field => new Element("Field").Set("key", prefix + field.Name).Set("title", field.Name).Set("type", field.Type)));
    }

    private static Element AddFieldTypes(Element meta) =>
        meta.AddAll(FieldTypes.Select(fieldType => new Element("FieldType").Set("type", fieldType.Type)
        .AddAll(fieldType.Operators.Select(key => new Element("Operator").Set("key", key).Set("title", key)))));
}
