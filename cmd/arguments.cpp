#include "cmd/arguments.h"

#include <Poco/Util/MapConfiguration.h>
#include <Poco/Util/Option.h>
#include <Poco/Util/OptionException.h>
#include <Poco/Util/OptionProcessor.h>
#include <Poco/Util/OptionSet.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <filesystem>
#include <system_error>

#include "cmd/config_file.h"
#include "protocol/duration.h"
#include "protocol/nearest.h"
#include "protocol/size_text.h"
#include "protocol/text_safety.h"

namespace netchat::cmd {

namespace {

// Beside each value its layer keeps where it came from, for messages:
//     port = abc   port@origin = --port   port@exit = 64   port@count = 1
constexpr const char* kOrigin = "@origin";
constexpr const char* kExit = "@exit";
constexpr const char* kCount = "@count";

using Poco::Util::AbstractConfiguration;
using Poco::Util::MapConfiguration;

std::string nth(const std::string& option, int n) {
    return option + "@" + std::to_string(n);
}

void put(AbstractConfiguration& layer, const std::string& option, const std::string& value,
         const std::string& origin, ExitCode exit) {
    const int count = layer.getInt(option + kCount, 0);
    layer.setString(option, value);
    layer.setString(nth(option, count), value);
    layer.setInt(option + kCount, count + 1);
    layer.setString(option + kOrigin, origin);
    layer.setInt(option + kExit, exit);
}

// An option whose name ends with a dot is a family of entries of a configuration: `color.` of
// color.note, color.mention and so on. It is a list of what stands behind the dot; each entry has
// its own value besides. On a command line and in the environment there are none.
bool isFamily(const OptionSpec& spec) {
    return std::string_view(spec.name).ends_with('.');
}

// The file that a subcommand reads where it exists, though nobody names it: the default of its
// --config, in which $XDG_CONFIG_HOME stands for a folder. A relative one is one that is not set.
std::string ownConfig(const Command& command, const Environment& environment) {
    constexpr std::string_view kFolder = "$XDG_CONFIG_HOME";
    const auto* spec = command.find("config");
    const std::string_view file = spec ? spec->fallback : "";
    if (!file.starts_with(kFolder)) return {};
    const auto variable = [&](const char* name) {
        const char* value = environment(name);
        return std::string(value ? value : "");
    };
    const std::string folder = variable("XDG_CONFIG_HOME"), home = variable("HOME");
    const std::string rest(file.substr(kFolder.size()));
    if (folder.starts_with('/')) return folder + rest;
    return home.starts_with('/') ? home + "/.config" + rest : "";
}

template <class Visitor>
void forEachOption(const Command& command, Visitor&& visit) {
    for (const auto& group : command.groups) {
        for (const auto& spec : group.options) visit(spec);
    }
}

Poco::Util::OptionSet optionSet(const Command& command) {
    Poco::Util::OptionSet set;
    forEachOption(command, [&](const OptionSpec& spec) {
        if (isFamily(spec)) return;
        Poco::Util::Option option(spec.name, spec.shortName);
        // Repetition is checked here, where the message can say more.
        option.repeatable(true);
        if (*spec.argument) option.argument(spec.argument);
        set.addOption(option);
    });
    return set;
}

std::string inQuotes(std::string_view value) {
    return "'" + forLog(value) + "'";
}

// A word that can only have been meant as an option, not as the value that is due.
bool looksLikeOption(const std::string& word) {
    return word.size() > 1 && word[0] == '-' && !std::isdigit(static_cast<unsigned char>(word[1]));
}

std::string variableName(const std::string& option) {
    std::string name = "NETCHAT_";
    for (const char c : option) {
        name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    return name;
}

// "--password" of "--password=x": a value may be a secret, and is not repeated.
std::string withoutValue(const std::string& word) {
    return word.substr(0, word.find_first_of("=:"));
}

UsageError unknownOption(const Command& command, const std::string& word) {
    const std::string typed = withoutValue(word);
    const std::string name = typed.substr(std::min(typed.find_first_not_of('-'), typed.size()));
    std::vector<std::string_view> names;
    forEachOption(command, [&](const OptionSpec& spec) { names.emplace_back(spec.name); });
    const auto near = nearestWord(name, names);
    const std::string hint = near.empty() ? "" : "; did you mean --" + std::string(near) + "?";
    return UsageError("unknown option " + inQuotes(typed) + hint + " (netchat " + command.name +
                      " --help lists the options)");
}

// POCO's option processor, and what it does not check.
class WordReader {
  public:
    explicit WordReader(const Command& command) : command_(command), set_(optionSet(command)) {
        processor_.setUnixStyle(true);
    }

    enum class Kind { Option, Word, Incomplete, Separator };

    Kind read(const std::string& word, std::string& name, std::string& value) {
        if (word == "-" && pending_.empty()) return Kind::Word;
        if (!pending_.empty() && looksLikeOption(word)) throw missingValue(word);
        if (pending_.empty() && !separated_) refuseShortenedSecret(word);
        if (!process(word, name, value)) return Kind::Word;
        if (name.empty()) return afterOption(word);
        pending_.clear();
        return Kind::Option;
    }

    void finish() const {
        if (!pending_.empty()) throw missingValue("");
    }

  private:
    bool process(const std::string& word, std::string& name, std::string& value) {
        try {
            return processor_.process(word, name, value);
        } catch (const Poco::Util::AmbiguousOptionException&) {
            throw UsageError(inQuotes(withoutValue(word)) +
                             " is ambiguous; write the option in full");
        } catch (const Poco::Util::UnexpectedArgumentException&) {
            throw UsageError(inQuotes(withoutValue(word)) + ": this option takes no value");
        } catch (const Poco::Util::OptionException&) {
            throw unknownOption(command_, word);
        }
    }

    // POCO takes the beginning of a name for the name. Who types --password x means x as the
    // password, which must not be taken for a file's name and then be shown.
    void refuseShortenedSecret(const std::string& word) const {
        if (word.size() < 3 || !word.starts_with("--")) return;
        const std::string typed = withoutValue(word).substr(2);
        if (typed.empty() || command_.find(typed)) return;
        const OptionSpec* secret = nullptr;
        bool others = false;
        forEachOption(command_, [&](const OptionSpec& spec) {
            if (!std::string_view(spec.name).starts_with(typed)) return;
            others = others || !spec.secret;
            if (spec.secret) secret = &spec;
        });
        if (!secret || others) return;
        throw UsageError(
            "unknown option '--" + forLog(typed) + "'; write --" + secret->name + " " +
            secret->argument +
            " in full. It names a file, because other users can read the command line");
    }

    Kind afterOption(const std::string& word) {
        if (word == "--") {
            separated_ = true;
            return Kind::Separator;
        }
        pending_ = word;
        return Kind::Incomplete;
    }

    UsageError missingValue(const std::string& next) const {
        const std::string option = forLog(pending_);
        std::string text = option + " needs a value";
        if (!next.empty()) {
            text += ", not the option " + inQuotes(next) + "; write " + option + "=" +
                    forLog(next) + " if that is the value";
        }
        return UsageError(text);
    }

    const Command& command_;
    Poco::Util::OptionSet set_;  // the processor keeps a reference to it
    Poco::Util::OptionProcessor processor_{set_};
    bool separated_ = false;  // "--" was there: words follow, whatever they look like
    std::string pending_;     // the option as it was typed, while its value is due
};

// A configuration names no other configuration, and asks for no help.
bool belongsInFile(const OptionSpec& spec) {
    return std::string_view("config") != spec.name && std::string_view("help") != spec.name;
}

void checkKey(const Command& command, const std::string& key, const std::string& where) {
    const auto* spec = command.find(key);
    if (spec && belongsInFile(*spec)) return;
    std::vector<std::string_view> names;
    forEachOption(command, [&](const OptionSpec& other) {
        if (belongsInFile(other)) names.emplace_back(other.name);
    });
    const auto near = nearestWord(key, names);
    const std::string hint = near.empty() ? "" : "; did you mean " + std::string(near) + "?";
    throw UsageError(where + "unknown option " + inQuotes(key) + " in a configuration file" + hint,
                     kExitBadInput);
}

std::string range(int64_t min, int64_t max) {
    return "must be " + std::to_string(min) + " to " + std::to_string(max);
}

// Kubernetes and Docker set NAME_PORT for each service or link; it is no port of ours.
bool isServiceLink(const OptionSpec& spec, std::string_view value) {
    return std::string_view("port") == spec.name && value.find("://") != std::string_view::npos;
}

}  // namespace

Arguments Arguments::parse(const Command& command, const std::vector<std::string>& words,
                           const Environment& environment) {
    Arguments arguments(command);
    arguments.given_ = words;
    arguments.environment_ = environment;
    const Layer flags = arguments.readWords(words);
    if (arguments.helpWanted_) return arguments;
    const Layer variables = arguments.readEnvironment(environment);
    arguments.values_->add(flags, 0);
    arguments.values_->add(variables, 10);
    // The file's name comes from the layers above it.
    if (arguments.has("config")) {
        arguments.values_->add(arguments.readFile(arguments.text("config")), 20);
    } else if (const auto* spec = command.find("config"); spec && *spec->fallback) {
        const std::string own = ownConfig(command, environment);
        std::error_code error;
        const bool there = !own.empty() && std::filesystem::exists(own, error);
        if (there) arguments.values_->add(arguments.readFile(own), 20);
        Layer where(new MapConfiguration);
        put(*where, "config", own, "the default of --config", kExitOurFault);
        arguments.values_->add(where, 25);
    }
    arguments.values_->add(arguments.defaults(), 30);
    return arguments;
}

Arguments::Layer Arguments::readWords(const std::vector<std::string>& words) {
    Layer layer(new MapConfiguration);
    WordReader reader(command_);
    for (const auto& word : words) {
        std::string name, value;
        switch (reader.read(word, name, value)) {
            case WordReader::Kind::Option: {
                if (name == "help") {
                    helpWanted_ = true;
                    return layer;
                }
                const auto* spec = command_.find(name);
                const bool again = layer->hasProperty(name) && !spec->repeatable;
                if (again) throw UsageError("--" + name + " is given twice");
                put(*layer, name, *spec->argument ? value : "yes", "--" + name, kExitUsage);
                break;
            }
            case WordReader::Kind::Word:
                words_.push_back(word);
                break;
            case WordReader::Kind::Incomplete:
            case WordReader::Kind::Separator:
                break;
        }
    }
    reader.finish();
    if (words_.size() > command_.wordsMax) {
        throw UsageError("unexpected " + inQuotes(words_[command_.wordsMax]) + "; usage: netchat " +
                         command_.name + (*command_.usage ? " " : "") + command_.usage +
                         " [options]");
    }
    return layer;
}

Arguments::Layer Arguments::readEnvironment(const Environment& environment) {
    Layer layer(new MapConfiguration);
    forEachOption(command_, [&](const OptionSpec& spec) {
        if (isFamily(spec)) return;
        for (const std::string& name : {variableName(spec.name), std::string(spec.environment)}) {
            const char* value = name.empty() ? nullptr : environment(name.c_str());
            if (!value || !*value) continue;
            if (isServiceLink(spec, value)) {
                warnings_.push_back(name + "=" + forLog(value, 100) +
                                    " is ignored: it names a service, not a port");
                continue;
            }
            put(*layer, spec.name, value, name + " in the environment", kExitUsage);
            return;
        }
    });
    return layer;
}

Arguments::Layer Arguments::readFile(const std::string& path) const {
    Layer layer(new MapConfiguration);
    for (const auto& entry : readConfigFile(path)) {
        const std::string where = forLog(path, 200) + ":" + std::to_string(entry.line) + ": ";
        const size_t dot = entry.key.find('.');
        const std::string family = entry.key.substr(0, dot == std::string::npos ? 0 : dot + 1);
        if (!family.empty() && command_.find(family)) {
            put(*layer, family, entry.key.substr(dot + 1), where + entry.key, kExitBadInput);
        } else {
            checkKey(command_, entry.key, where);
        }
        put(*layer, entry.key, entry.value, where + entry.key, kExitBadInput);
    }
    return layer;
}

Arguments::Layer Arguments::defaults() const {
    Layer layer(new MapConfiguration);
    forEachOption(command_, [&](const OptionSpec& spec) {
        if (*spec.fallback) {
            put(*layer, spec.name, spec.fallback, "the default of --" + std::string(spec.name),
                kExitOurFault);
        }
    });
    return layer;
}

bool Arguments::has(std::string_view option) const {
    return values_->hasProperty(std::string(option));
}

bool Arguments::given(std::string_view option) const {
    return has(option) && exitFor(std::string(option)) != kExitOurFault;
}

std::string Arguments::origin(const std::string& option) const {
    return values_->getRawString(option + kOrigin);
}

ExitCode Arguments::exitFor(const std::string& option) const {
    return static_cast<ExitCode>(values_->getInt(option + kExit, kExitOurFault));
}

std::string Arguments::text(std::string_view option) const {
    // Raw: POCO would otherwise expand ${…} in what the user typed.
    return values_->getRawString(std::string(option));
}

int64_t Arguments::number(std::string_view option, int64_t min, int64_t max) const {
    const std::string value = text(option);
    int64_t number = 0;
    const char* end = value.data() + value.size();
    const auto [stop, error] = std::from_chars(value.data(), end, number);
    const bool good = error == std::errc() && stop == end && number >= min && number <= max;
    if (!good) reject(option, range(min, max));
    return number;
}

uint16_t Arguments::port(std::string_view option) const {
    return static_cast<uint16_t>(number(option, 0, 65535));
}

int64_t Arguments::durationMs(std::string_view option) const {
    const auto duration = parseDuration(text(option));
    if (!duration) reject(option, "must be a duration such as 500ms, 5s, 2m or 1h");
    return *duration;
}

uint64_t Arguments::sizeBytes(std::string_view option) const {
    const auto size = parseSize(text(option));
    if (!size) reject(option, "must be a size such as 1048576, 64MiB or 2GB");
    return *size;
}

std::string Arguments::oneOf(std::string_view option,
                             const std::vector<std::string>& choices) const {
    std::string value = text(option);
    if (std::find(choices.begin(), choices.end(), value) != choices.end()) return value;
    std::string all;
    for (const auto& choice : choices) all += (all.empty() ? "" : ", ") + choice;
    reject(option, "must be one of " + all);
}

bool Arguments::flag(std::string_view option) const {
    if (!has(option)) return false;
    std::string value = text(option);
    std::transform(value.begin(), value.end(), value.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    for (const char* yes : {"yes", "true", "on", "1"}) {
        if (value == yes) return true;
    }
    for (const char* no : {"no", "false", "off", "0"}) {
        if (value == no) return false;
    }
    reject(option, "must be yes or no");
}

std::vector<std::string> Arguments::list(std::string_view option) const {
    const std::string name(option);
    std::vector<std::string> values;
    const int count = values_->getInt(name + kCount, 0);
    values.reserve(static_cast<size_t>(count));
    for (int i = 0; i < count; ++i) values.push_back(values_->getRawString(nth(name, i)));
    return values;
}

std::map<std::string, std::string> Arguments::values() const {
    std::map<std::string, std::string> values;
    forEachOption(command_, [&](const OptionSpec& spec) {
        if (belongsInFile(spec) && !isFamily(spec) && has(spec.name))
            values.emplace(spec.name, text(spec.name));
    });
    return values;
}

void Arguments::reject(std::string_view option, std::string_view mustBe) const {
    const std::string name(option);
    throw UsageError(origin(name) + " " + std::string(mustBe) + ", not " + inQuotes(text(option)),
                     exitFor(name));
}

void Arguments::refuse(std::string_view option, const Error& error) const {
    const std::string name(option);
    const std::string value = inQuotes(text(option));
    // A text that asks what was meant has named what was given; so has one that names a part of it.
    const bool saysValue = error.text.find(value) != std::string::npos ||
                           error.text.find(", not '") != std::string::npos ||
                           error.text.ends_with('?');
    throw UsageError(origin(name) + ": " + error.text + (saysValue ? "" : ", not " + value),
                     exitFor(name));
}

}  // namespace netchat::cmd
