using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Xml;

namespace PlexSync.Testing.Hosting;

internal static class JsonRendering
{
    private static readonly JsonWriterOptions Options =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>
    /// Renders it; with <paramref name="drift"/>, numbers and booleans in the several ways of real servers (plex-facts §1.2).
    /// </summary>
    public static ReadOnlyMemory<byte> Render(Element root, bool drift)
    {
        var buffer = new ArrayBufferWriter<byte>(16 * 1024);
        using var writer = new Utf8JsonWriter(buffer, Options);
        var writing = new Writing(writer, drift);
        if (root.Name == "MediaContainer")
        {
            writer.WriteStartObject();
            writer.WritePropertyName(root.Name);
            writing.Write(root);
            writer.WriteEndObject();
        }
        else if (root.Fields.Count == 0 && root.Groups is [{ Kind: GroupKind.Repeated } list])
        {
            writing.WriteArray(list); // plex.tv lists resources without a wrapper (plex-facts §3.8)
        }
        else
        {
            writing.Write(root);
        }
        writer.Flush();
        return buffer.WrittenMemory;
    }

    private sealed class Writing(Utf8JsonWriter writer, bool drift)
    {
        private int _turn;

        public void Write(Element element)
        {
            writer.WriteStartObject();
            foreach (var field in element.Fields) Write(field);
            foreach (var group in element.Groups)
            {
                writer.WritePropertyName(group.Name);
                if (group.Kind == GroupKind.Single) Write(group.Members[0]);
                else WriteArray(group);
            }
            writer.WriteEndObject();
        }

        public void WriteArray(Group group)
        {
            writer.WriteStartArray();
            foreach (var member in group.Members) Write(member);
            writer.WriteEndArray();
        }

        private void Write(Field field)
        {
            writer.WritePropertyName(field.Name);
            switch (field.Kind)
            {
                case FieldKind.Null: writer.WriteNullValue(); break;
                case FieldKind.Text: writer.WriteStringValue(field.Text); break;
                case FieldKind.Truth when drift && _turn++ % 3 is var turn and < 2:
                    if (turn == 0) writer.WriteNumberValue((long)field.Number);
                    else writer.WriteStringValue(field.Number == 1 ? "1" : "0");
                    break;
                case FieldKind.Truth: writer.WriteBooleanValue(field.Number == 1); break;
                case FieldKind.Integer or FieldKind.Real when drift && _turn++ % 2 == 0:
                    writer.WriteStringValue(field.Number.ToString(CultureInfo.InvariantCulture));
                    break;
                case FieldKind.Integer: writer.WriteNumberValue((long)field.Number); break;
                default: writer.WriteNumberValue(field.Number); break;
            }
        }
    }
}

internal static class XmlRendering
{
    private static readonly XmlWriterSettings Settings = new() { Encoding = new UTF8Encoding(false), CheckCharacters = false };

    public static ReadOnlyMemory<byte> Render(Element root)
    {
        using var stream = new MemoryStream(16 * 1024);
        using (var writer = XmlWriter.Create(stream, Settings)) Write(writer, root);
        return stream.GetBuffer().AsMemory(0, (int)stream.Length);
    }

    private static void Write(XmlWriter writer, Element element)
    {
        writer.WriteStartElement(element.Tag);
        foreach (var field in element.Fields)
            writer.WriteAttributeString(
                field.Name, field.Text ?? (field.Kind == FieldKind.Null ? "" : field.Number.ToString(CultureInfo.InvariantCulture)));
        foreach (var group in element.Groups)
        {
            if (group.Kind == GroupKind.Wrapped) writer.WriteStartElement(group.Name);
            foreach (var member in group.Members) Write(writer, member);
            if (group.Kind == GroupKind.Wrapped) writer.WriteEndElement();
        }
        writer.WriteEndElement();
    }
}
