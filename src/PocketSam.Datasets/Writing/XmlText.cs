using System.Text;
using System.Xml;

namespace PocketSam.Datasets.Writing;

/// <summary>Makes arbitrary names safe for XML.</summary>
internal static class XmlText
{
    /// <summary>The name, with U+FFFD in place of characters that XML does not allow.</summary>
    public static string Plain(string name)
    {
        var text = new StringBuilder(name.Length);
        for (int i = 0; i < name.Length; i++)
        {
            if (i + 1 < name.Length && XmlConvert.IsXmlSurrogatePair(name[i + 1], name[i]))
                text.Append(name[i++]).Append(name[i]);
            else
                text.Append(XmlConvert.IsXmlChar(name[i]) ? name[i] : '\uFFFD');
        }

        return text.ToString();
    }
}
