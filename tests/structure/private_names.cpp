#include "tests/structure/private_names.h"

#include <algorithm>
#include <cctype>
#include <regex>
#include <set>
#include <sstream>

namespace netchat::test {
namespace {

bool isOfName(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

bool startsWithAny(const std::string& text, const std::vector<std::string>& starts) {
    return std::any_of(starts.begin(), starts.end(),
                       [&](const std::string& start) { return text.starts_with(start); });
}

// The lines, without those inside raw strings: their text stands at the margin, too.
std::vector<std::string> linesOf(const std::string& text) {
    static const std::regex kRaw(R"re(R"(\w*)\()re");
    std::vector<std::string> lines;
    std::istringstream in(text);
    std::string end;  // of the raw string that is open
    for (std::string line; std::getline(in, line);) {
        size_t from = 0;
        const bool inside = !end.empty();
        if (inside) {
            from = line.find(end);
            if (from == std::string::npos) continue;
            from += end.size();
            end.clear();
        }
        std::smatch match;
        auto at = line.cbegin() + static_cast<std::ptrdiff_t>(from);
        while (end.empty() && std::regex_search(at, line.cend(), match, kRaw)) {
            const std::string close = ")" + match[1].str() + "\"";
            const auto begun = static_cast<size_t>(match[0].second - line.cbegin());
            const size_t closed = line.find(close, begun);
            if (closed == std::string::npos) {
                end = close;
            } else {
                at = line.cbegin() + static_cast<std::ptrdiff_t>(closed + close.size());
            }
        }
        lines.push_back(inside ? " " + line.substr(from) : line);
    }
    return lines;
}

// The last word of a text, if it is a name by itself: not one of a class's members.
std::string lastName(std::string text) {
    while (!text.empty() && !isOfName(text.back())) text.pop_back();
    size_t begin = text.size();
    while (begin > 0 && isOfName(text[begin - 1])) --begin;
    if (begin == 0 || text[begin - 1] == ':' || text[begin - 1] == '~') return {};
    return text.substr(begin);
}

// The name of a type, or "" if the declaration is of none.
std::string typeName(const std::string& declaration) {
    static const std::regex kType(
        R"((?:struct|class|union|enum class|enum struct|enum) (?:\[\[.*?\]\] )?(\w+) ?(?:[;{:].*|final.*)?)");
    std::smatch match;
    return std::regex_match(declaration, match, kType) ? match[1].str() : "";
}

// The name of a function or variable: what stands before its arguments or its value.
std::string valueName(const std::string& declaration) {
    int depth = 0;  // of <>
    std::string before;
    for (const char c : declaration) {
        if (depth == 0 && std::string_view("({;=[").find(c) != std::string_view::npos) break;
        if (c == '<') ++depth;
        if (depth == 0) before += c;
        if (c == '>') --depth;
    }
    return lastName(before);
}

// The statement that begins at a line, up to what tells its name.
std::string statementAt(const std::vector<std::string>& lines, size_t at) {
    std::string statement = lines[at];
    const bool alias = startsWithAny(statement, {"using ", "namespace "});
    const std::string_view ends = alias ? ";" : "({;=";
    while (statement.find_first_of(ends) == std::string::npos && ++at < lines.size()) {
        statement +=
            " " + lines[at].substr(std::min(lines[at].find_first_not_of(' '), lines[at].size()));
    }
    return statement;
}

// `using a::b, c::d;` as two statements; any other as it is.
std::vector<std::string> eachUsing(const std::string& statement) {
    static const std::regex kItem(R"(\w+(?:::\w+)+)");
    if (!statement.starts_with("using ") || statement.starts_with("using namespace ") ||
        statement.find('=') != std::string::npos) {
        return {statement};
    }
    std::vector<std::string> each;
    for (std::sregex_iterator item(statement.begin(), statement.end(), kItem), end; item != end;
         ++item) {
        each.push_back("using " + item->str() + ";");
    }
    return each;
}

std::string nameOf(std::string statement) {
    static const std::regex kMatcher(R"(MATCHER(?:_P\d*)?\((\w+).*)");
    std::smatch match;
    if (std::regex_match(statement, match, kMatcher)) return match[1];
    if (startsWithAny(statement, {"using namespace ", "static_assert"})) return {};
    if (startsWithAny(statement, {"using ", "namespace "})) {
        return lastName(" " + std::regex_replace(statement.substr(0, statement.find_first_of("=;")),
                                                 std::regex(".*::"), " "));
    }
    if (statement.starts_with("[[")) statement = statement.substr(statement.find("]] ") + 3);
    if (const std::string type = typeName(statement); !type.empty()) return type;
    const std::string name = valueName(statement);
    return name == "operator" || name == "PrintTo" || name == "main" ? "" : name;
}

std::string joined(const std::vector<std::string>& spaces) {
    std::string all;
    for (const std::string& space : spaces) {
        if (!space.empty()) all += (all.empty() ? "" : "::") + space;
    }
    return all;
}

// Whether what is declared in `outer` is seen from `space` without being named in full.
bool seenFrom(const std::string& space, const std::string& outer) {
    return outer.empty() || space == outer || space.starts_with(outer + "::");
}

struct Place {
    std::string path;
    Declared declared;
};

std::string listed(const std::set<std::string>& paths) {
    std::string list;
    for (const std::string& path : paths) list += (list.empty() ? "" : ", ") + path;
    return list;
}

struct Names {
    std::map<std::string, std::vector<Place>> ofOneSource, ofAll;
};

// Of these sources and all headers that they include.
Names namesOf(const std::vector<std::string>& sources, const TextOf& textOf) {
    Names names;
    std::vector<std::string> open = sources;
    std::set<std::string> seen(open.begin(), open.end());
    while (!open.empty()) {
        const std::string path = open.back();
        open.pop_back();
        const std::string text = textOf(path);
        for (const Declared& declared : declaredIn(text)) {
            auto& kind = declared.isPrivate ? names.ofOneSource : names.ofAll;
            kind[declared.name].push_back({path, declared});
        }
        for (const std::string& header : includedBy(text)) {
            if (seen.insert(header).second) open.push_back(header);
        }
    }
    return names;
}

// By namespace, those that give one private name to two things. The same alias is the same thing.
std::map<std::string, std::set<std::string>> pathsOfTwoThings(const std::vector<Place>& places) {
    std::map<std::string, std::set<std::string>> paths, aliases;
    for (const auto& [path, declared] : places) {
        paths[declared.space].insert(path);
        aliases[declared.space].insert(declared.alias);
    }
    std::erase_if(paths, [&](const auto& each) {
        const std::set<std::string>& those = aliases[each.first];
        return each.second.size() < 2 || (those.size() == 1 && !those.begin()->empty());
    });
    return paths;
}

// Those that declare the name for all, where a caller in the private one's namespace sees it.
std::set<std::string> pathsSeenFrom(const Declared& declared, const std::vector<Place>& others) {
    std::set<std::string> paths;
    if (!declared.alias.empty()) return paths;
    for (const Place& other : others) {
        if (seenFrom(declared.space, other.declared.space)) paths.insert(other.path);
    }
    return paths;
}

}  // namespace

std::vector<Declared> declaredIn(const std::string& text) {
    static const std::regex kBegin(R"(namespace ?([\w:]*) ?\{.*)");
    std::vector<Declared> all;
    std::vector<std::string> spaces;
    const std::vector<std::string> lines = linesOf(text);
    for (size_t i = 0; i < lines.size(); ++i) {
        const std::string& line = lines[i];
        std::smatch match;
        if (std::regex_match(line, match, kBegin)) {
            spaces.push_back(match[1]);
            continue;
        }
        if (line.starts_with("}  // namespace") && !spaces.empty()) spaces.pop_back();
        if (line.empty() || (!isOfName(line[0]) && line[0] != '[')) continue;
        if (startsWithAny(line, {"template", "extern \"C\" {"})) continue;
        const bool unnamed = std::find(spaces.begin(), spaces.end(), "") != spaces.end();
        for (const std::string& statement : eachUsing(statementAt(lines, i))) {
            const std::string name = nameOf(statement);
            if (name.empty()) continue;
            const bool alias = startsWithAny(statement, {"using ", "namespace "});
            all.push_back({joined(spaces), name, unnamed || statement.starts_with("static "),
                           alias ? statement : ""});
        }
    }
    return all;
}

std::vector<std::string> includedBy(const std::string& text) {
    std::vector<std::string> headers;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with("#include \"")) continue;
        const size_t begin = line.find('"') + 1;
        headers.push_back(line.substr(begin, line.find('"', begin) - begin));
    }
    return headers;
}

std::map<std::string, std::vector<std::string>> targetsIn(const std::string& folder,
                                                          const std::string& cmakeLists) {
    static const std::regex kComment("#[^\n]*"),
        kTarget(R"((?:add_library|add_executable|netchat_test)\(\s*([^\s)]+))");
    const std::string text = std::regex_replace(cmakeLists, kComment, "");
    std::map<std::string, std::vector<std::string>> targets;
    for (std::sregex_iterator target(text.begin(), text.end(), kTarget), end; target != end;
         ++target) {
        const auto begin = static_cast<size_t>(target->position() + target->length());
        std::istringstream words(text.substr(begin, text.find(')', begin) - begin));
        for (std::string word; words >> word;) {
            if (!word.ends_with(".cpp") || word.find('$') != std::string::npos) continue;
            targets[(*target)[1]].push_back(folder + "/" + word);
        }
    }
    return targets;
}

std::vector<std::string> sharedNames(const std::vector<std::string>& sources,
                                     const TextOf& textOf) {
    const Names names = namesOf(sources, textOf);
    std::vector<std::string> shared;
    for (const auto& [name, places] : names.ofOneSource) {
        for (const auto& [space, paths] : pathsOfTwoThings(places)) {
            shared.push_back(space + "::" + name + " is private to each of " + listed(paths));
        }
        const auto ofAll = names.ofAll.find(name);
        if (ofAll == names.ofAll.end()) continue;
        for (const Place& place : places) {
            const auto others = pathsSeenFrom(place.declared, ofAll->second);
            if (others.empty()) continue;
            shared.push_back(name + " is private to " + place.path + ", and declared in " +
                             listed(others));
        }
    }
    // Overloads, and a declaration before a definition, are one thing.
    shared.erase(std::unique(shared.begin(), shared.end()), shared.end());
    return shared;
}

}  // namespace netchat::test
