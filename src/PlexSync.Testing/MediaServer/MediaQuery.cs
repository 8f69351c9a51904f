using System.Globalization;

namespace PlexSync.Testing.MediaServer;

/// <summary>
/// The filters of a listing (plex-facts §4.3). A parameter is [scope.]field plus an operator that ends its name; several are joined by
/// "and", commas by "or". Fields we do not know are tolerated; push, or and pop are not understood.
/// </summary>
internal sealed class MediaQuery
{
    private readonly List<Condition> _conditions = [];

    public bool IsEmpty => _conditions.Count == 0;

    /// <summary>Whether unwatched= or inProgress= is among them.</summary>
    public bool HasStateFlag => _conditions.Exists(condition => condition.Field is "unwatched" or "inProgress");

    public static MediaQuery Parse(SimulatedRequest request, string type)
    {
        var query = new MediaQuery();
        foreach (var (parameter, value) in request.Query)
        {
            var name = parameter.TrimEnd('!', '<', '>', '=');
            var dot = name.IndexOf('.', StringComparison.Ordinal);
            var (scope, field) = dot < 0 ? (type, name) : (name[..dot], name[(dot + 1)..]);
            if (MediaField.IsKnown(field)) query._conditions.Add(new Condition(scope, field, parameter[name.Length..], value.Split(',')));
        }
        return query;
    }

    public bool Accepts(Node node, NodeView view)
    {
        foreach (var condition in _conditions)
            if (!condition.Holds(node, view)) return false;
        return true;
    }

    private sealed record Condition(string Scope, string Field, string Operator, string[] Values)
    {
        public bool Holds(Node node, NodeView view)
        {
            if (Scope == node.Type) return Holds(MediaField.Of(node, Field, view));
            // A scope above a leaf asks its show or season; one below a container asks whether any of its leaves fits.
            if (node.IsLeaf) return Holds(MediaField.OfParent(node.First, Scope, Field));
            foreach (var leaf in view.Leaves(node))
                if (Holds(MediaField.Of(leaf, Field, view))) return true;
            return false;
        }

        private bool Holds(object? actual) => Operator.StartsWith('!')
            ? Array.TrueForAll(Values, value => !Fits(actual, value))
            : Array.Exists(Values, value => Fits(actual, value));

        /// <summary>Nothing compares with an absent value.</summary>
        private bool Fits(object? actual, string value) => actual switch
        {
            bool flag => flag == (value == "1"),
            double number => Operator switch
            {
                ">>" => number > Number(value),
                "<<" => number < Number(value),
                ">" => number >= Number(value),
                "<" => number <= Number(value),
                _ => number == Number(value),
            },
            string text => Operator switch
            {
                "=" or "!=" => text.Equals(value, StringComparison.OrdinalIgnoreCase),
                "<" => text.StartsWith(value, StringComparison.OrdinalIgnoreCase),
                ">" => text.EndsWith(value, StringComparison.OrdinalIgnoreCase),
                _ => text.Contains(value, StringComparison.OrdinalIgnoreCase),
            },
            _ => false,
        };

        /// <summary>A number, or a day as yyyy-MM-dd; NaN, which compares with nothing, for anything else.</summary>
        private static double Number(string value)
        {
            if (double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)) return number;
            return DateTimeOffset.TryParseExact(
                value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var day)
                ? day.ToUnixTimeSeconds()
                : double.NaN;
        }
    }
}
