using System.Reflection;

namespace PocketSam.Tests;

public sealed class RecordTests
{
    /// <summary>A record prints its public members. A pointer cannot be printed, and compiling ahead of time refuses it.</summary>
    [Fact]
    public void Records_HaveNoPublicPointers()
    {
        const BindingFlags Any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
        Type[] records = [.. typeof(Sam).Assembly.GetTypes().Where(type => type.GetMethod("PrintMembers", Any) is not null)];
        Assert.Contains(records, type => type.Name == "FeatureMap");
        Assert.Empty(
            from type in records
            from property in type.GetProperties()
            where property.PropertyType.IsPointer
            select $"{type.Name}.{property.Name}");
    }
}
